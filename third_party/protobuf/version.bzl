"""The version of protobuf: sources, runtime and compiler must agree on it."""

PROTOBUF_VERSION = "3.21.12"
