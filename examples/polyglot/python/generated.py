"""The messages that protoc made, from the folder that POLYGLOT_MESSAGES names."""

import os
import sys

import google

_folder = os.environ.get("POLYGLOT_MESSAGES", os.path.join(os.path.dirname(__file__), "gen"))
sys.path.insert(0, _folder)
# protobuf brings a package `google` of its own; what was made for google.api and google.rpc joins it.
google.__path__ = [*google.__path__, os.path.join(_folder, "google")]

from angzarr_client.proto.angzarr import command_handler_pb2, query_pb2, types_pb2  # noqa: E402
from google.rpc import error_details_pb2, status_pb2  # noqa: E402

__all__ = ["command_handler_pb2", "error_details_pb2", "query_pb2", "status_pb2", "types_pb2"]
