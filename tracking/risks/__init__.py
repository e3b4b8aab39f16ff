"""The risk register and its monitor (strategy, MigrationRiskMonitor).

follow(now)      after the alerts were looked at: mark the risks that open alerts speak for
RISK_OF          which alert speaks for which risk
"""

from tracking.risks.monitor import RISK_OF, follow

__all__ = ["RISK_OF", "follow"]
