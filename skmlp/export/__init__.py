"""The export to ONNX."""

from .convert import to_onnx
from .pipelines import register_skl2onnx

__all__ = ["register_skl2onnx", "to_onnx"]
