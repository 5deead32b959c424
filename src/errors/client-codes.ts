const rows = {
  VALUE_NOT_POSITIVE: {
    message: 'value must be positive',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  VALUE_NOT_NON_NEGATIVE: {
    message: 'value must be non-negative',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  VALUE_EMPTY: { message: 'value must not be empty', grpc: 'INVALID_ARGUMENT', then: 'reject' },
  COLLECTION_EMPTY: {
    message: 'collection must not be empty',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  ENTITY_NOT_FOUND: { message: 'entity not found', grpc: 'NOT_FOUND', then: 'reject' },
  ENTITY_ALREADY_EXISTS: {
    message: 'entity already exists',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  STATUS_MISMATCH: {
    message: 'status does not match expected',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  STATUS_FORBIDDEN: {
    message: 'status is the forbidden value',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  COMMAND_TYPE_URL_MISSING: {
    message: 'command type_url not set',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  COMMAND_PAYLOAD_MISSING: {
    message: 'command payload not set',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  COMMAND_SEQUENCE_MISSING: {
    message: 'sequence not set (call with_sequence)',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  ANY_TYPE_MISMATCH: {
    message: 'Any type_url does not match expected message type',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  ANY_DECODE_FAILED: {
    message: 'failed to decode Any payload into expected message type',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  PROTO_UUID_INVALID: {
    message: 'proto UUID bytes are not a valid 16-byte UUID',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  TIMESTAMP_PARSE_FAILED: {
    message: 'failed to parse RFC3339 timestamp',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  ENDPOINT_PARSE_FAILED: {
    message: 'failed to parse fallback endpoint',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  ENDPOINT_INVALID_URI: {
    message: 'endpoint URI is invalid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  CONNECTION_FAILED: { message: 'connection failed', grpc: 'UNAVAILABLE', then: 'retry' },
  CONNECTION_FAILED_MAX_RETRIES: {
    message: 'connection failed after max retries',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  TRANSPORT_ERROR: { message: 'transport error', grpc: 'UNAVAILABLE', then: 'retry' },
  GRPC_ERROR: { message: 'grpc error', grpc: 'UNKNOWN', then: 'retry' },
  INVALID_TRANSPORT_MODE: {
    message: 'invalid transport mode env value',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  INVALID_PORT: { message: 'invalid port env value', grpc: 'INVALID_ARGUMENT', then: 'reject' },
  HANDLER_WRONG_RESPONSE_KIND: {
    message: 'handler returned wrong response kind',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  HANDLER_WRONG_REQUEST_KIND: {
    message: 'handler dispatched with wrong request kind',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  NO_HANDLER_REGISTERED: {
    message: 'no handler registered for the given (domain, type_url)',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  MISSING_COMMAND_BOOK: {
    message: 'missing command book',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  MISSING_COMMAND_PAGE: {
    message: 'missing command page',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  MISSING_COMMAND_PAYLOAD: {
    message: 'missing command payload',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  NOTIFICATION_DECODE_FAILED: {
    message: 'failed to decode Notification payload',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REJECTION_NOTIFICATION_DECODE_FAILED: {
    message: 'failed to decode RejectionNotification payload',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  MISSING_SAGA_SOURCE: { message: 'missing saga source', grpc: 'INVALID_ARGUMENT', then: 'reject' },
  EMPTY_SAGA_SOURCE: { message: 'empty saga source', grpc: 'INVALID_ARGUMENT', then: 'reject' },
  MISSING_SAGA_EVENT_PAYLOAD: {
    message: 'missing event payload',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SAGA_INVALID_TYPE_URL: {
    message: 'saga trigger has invalid type_url',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SAGA_HANDLER_UNSUPPORTED_RETURN_TYPE: {
    message: 'saga handler returned unsupported type',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  MISSING_PM_TRIGGER: { message: 'missing PM trigger', grpc: 'INVALID_ARGUMENT', then: 'reject' },
  EMPTY_PM_TRIGGER: { message: 'empty PM trigger', grpc: 'INVALID_ARGUMENT', then: 'reject' },
  MISSING_PM_EVENT_PAYLOAD: {
    message: 'missing event payload on PM trigger',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  PM_INVALID_TYPE_URL: {
    message: 'PM trigger has invalid type_url',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  PM_HANDLER_WRONG_RETURN_TYPE: {
    message: 'PM handler must return ProcessManagerResponse',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  UPCASTER_WRONG_RESPONSE_KIND: {
    message: 'upcaster handler returned non-Upcaster response',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  HANDLER_FIELD_EMPTY_STRING: {
    message: 'handler field must be a non-empty string',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  HANDLER_FIELD_EMPTY_LIST: {
    message: 'handler field must be a non-empty list',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  HANDLER_STATE_NOT_TYPE: {
    message: "handler 'state' must be a type",
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  HANDLER_UNKNOWN_KIND: { message: 'unknown handler kind', grpc: 'INVALID_ARGUMENT', then: 'halt' },
  ROUTER_NO_HANDLERS: {
    message: 'no handlers registered on Router',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  DUPLICATE_COMMAND_HANDLER: {
    message: 'duplicate command handler registration for (domain, type_url)',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  MIXED_HANDLER_KINDS: {
    message: 'cannot mix handler kinds in one Router — all handlers must share a kind',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  MISSING_DESTINATION_SEQUENCE: {
    message: 'no sequence for destination domain',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  STREAM_LIMIT_EXCEEDED: {
    message: 'server stream exceeded the configured maximum',
    grpc: 'UNAVAILABLE',
    then: 'reject',
  },
  INVALID_ARGUMENT: { message: 'invalid argument', grpc: 'INVALID_ARGUMENT', then: 'reject' },
  INVALID_TIMESTAMP: { message: 'invalid timestamp', grpc: 'INVALID_ARGUMENT', then: 'reject' },
} as const

/**
 * Codes and messages of the Angzarr client contract. Both are fixed: other languages assert them.
 * What a code means for a delivery (`then`) is ours.
 */
export const clientErrors: typeof rows = rows
