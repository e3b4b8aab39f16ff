"""How fast legacy and V5 answer, side by side, under the strategy's load (Performance Validation).

Asked for by `tracking.actions.performance.MeasurePerformance`, done by workers as a sweep of kind "performance"
(`sweep.Measuring`), kept as validation results PERF-01 … PERF-04.
"""
