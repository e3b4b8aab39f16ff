"""Planted defects: courses, their calendar, prices and monitors, and the figures of the business."""

from __future__ import annotations

from tests.mutations import Mutation, teaching_business, teaching_courses

MUTATIONS: tuple[Mutation, ...] = (*teaching_courses.MUTATIONS, *teaching_business.MUTATIONS)
