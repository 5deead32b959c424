"""The least a coordinator can be: it stores what it is told and remembers how it was called.

Every command becomes one event of the same bytes. Prints its address, then serves until SIGTERM.
"""

import signal
import sys
from concurrent import futures

import grpc

from generated import command_handler_pb2, query_pb2, types_pb2

PACKAGE = "angzarr_client.proto.angzarr"
books = {}


def cover_key(cover):
    return (cover.domain, cover.root.value)


def handle_command(request, context):
    """Stores the command's payload as an event; its metadata goes into the response."""
    metadata = {key: value for key, value in context.invocation_metadata()}
    command = request.command
    book = books.setdefault(cover_key(command.cover), types_pb2.EventBook(cover=command.cover))
    expected = command.pages[0].header.sequence
    if expected != book.next_sequence:
        context.abort(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"Sequence mismatch: command expects {expected}, aggregate at {book.next_sequence}",
        )
    page = book.pages.add()
    page.header.sequence = book.next_sequence
    page.event.CopyFrom(command.pages[0].command)
    book.next_sequence += 1
    answer = types_pb2.EventBook(cover=command.cover, pages=[page])
    answer.cover.correlation_id = "|".join(
        [metadata.get("x-correlation-id", ""), metadata.get("x-idempotency-key", "")]
    )
    return command_handler_pb2.CommandResponse(events=answer)


def get_event_book(query, _context):
    return books.get(cover_key(query.cover), types_pb2.EventBook(cover=query.cover))


def get_events(query, _context):
    """A book a page, so that there is something to stream."""
    for page in get_event_book(query, None).pages:
        yield types_pb2.EventBook(cover=query.cover, pages=[page])


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    commands = {
        "HandleCommand": grpc.unary_unary_rpc_method_handler(
            handle_command,
            request_deserializer=types_pb2.CommandRequest.FromString,
            response_serializer=command_handler_pb2.CommandResponse.SerializeToString,
        )
    }
    queries = {
        "GetEventBook": grpc.unary_unary_rpc_method_handler(
            get_event_book,
            request_deserializer=types_pb2.Query.FromString,
            response_serializer=types_pb2.EventBook.SerializeToString,
        ),
        "GetEvents": grpc.unary_stream_rpc_method_handler(
            get_events,
            request_deserializer=types_pb2.Query.FromString,
            response_serializer=types_pb2.EventBook.SerializeToString,
        ),
    }
    assert query_pb2.DESCRIPTOR.package == PACKAGE
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler(
                f"{PACKAGE}.CommandHandlerCoordinatorService", commands
            ),
            grpc.method_handlers_generic_handler(f"{PACKAGE}.EventQueryService", queries),
        )
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: server.stop(5))
    server.wait_for_termination()


if __name__ == "__main__":
    sys.exit(main())
