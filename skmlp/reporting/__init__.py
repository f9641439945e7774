"""Reports on fitted models as HTML pages."""

from .report import Report, report

__all__ = ["Report", "report"]
