const rows = {
  SEQUENCE_MISMATCH: {
    message: 'Sequence mismatch: the command expects another sequence than the aggregate has',
    grpc: 'FAILED_PRECONDITION',
    then: 'retry',
  },
  SEQUENCE_OVERLAP: {
    message: 'Sequence mismatch: the command changes fields that newer events changed',
    grpc: 'FAILED_PRECONDITION',
    then: 'retry',
  },
  SEQUENCE_DEAD_LETTERED: {
    message: 'Sequence mismatch. Sent to DLQ for manual review.',
    grpc: 'ABORTED',
    then: 'reject',
  },
  SEQUENCE_CONFLICT: {
    message: 'Sequence conflict: another writer appended first',
    grpc: 'FAILED_PRECONDITION',
    then: 'retry',
  },
  DOMAIN_INVALID: {
    message: 'the domain name is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  DOMAIN_RESERVED: {
    message: 'domains that begin with an underscore belong to the engine',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  EDITION_INVALID: {
    message: 'the edition name is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  CORRELATION_ID_INVALID: {
    message: 'the correlation id is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  COMPONENT_NAME_INVALID: {
    message: 'the component name is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  ROOT_INVALID: {
    message: 'the root is not a 16-byte UUID',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  IDEMPOTENCY_KEY_INVALID: {
    message: 'the idempotency key is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  PAYLOAD_TOO_LARGE: {
    message: 'page payload exceeds maximum size',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  BOOK_TOO_LONG: {
    message: 'command book exceeds maximum pages',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  TYPE_URL_INVALID: {
    message: 'the type URL is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REQUEST_INCOMPLETE: {
    message: 'the request lacks a required part',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  UNKNOWN_DOMAIN: {
    message: 'no aggregate is registered for this domain',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  RESPONSE_FOREIGN_TARGET: {
    message: 'the response targets another aggregate than the command',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  RESPONSE_BAD_SEQUENCE: {
    message: 'the response numbers its events with a gap',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  COMMAND_REVOKED: {
    message: 'the handler revoked the command',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  HANDLER_FAILED: {
    message: 'the handler threw an unexpected error',
    grpc: 'INTERNAL',
    then: 'retry',
  },
  HANDLER_TIMEOUT: {
    message: 'the handler did not answer within its deadline',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'retry',
  },
  UPCASTER_FAILED: { message: 'the upcaster failed', grpc: 'INTERNAL', then: 'reject' },
  MAILBOX_FULL: {
    message: 'too many commands wait for this aggregate',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  COORDINATOR_CLOSED: { message: 'the coordinator is closed', grpc: 'UNAVAILABLE', then: 'retry' },
  COMPONENT_DUPLICATE: {
    message: 'two components have the same name',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  COMPONENT_UNKNOWN: {
    message: 'there is no component of this name',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  WIRING_UNSERVED_DOMAIN: {
    message: 'a component names a domain that nobody serves',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  WIRING_INVALID: {
    message: 'the components cannot work together',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  DECORATOR_LEGACY: {
    message: 'the decorator was called the legacy way',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  DECORATOR_ROLE_TAKEN: {
    message: 'the method already has a role',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  DECORATOR_KIND_TAKEN: {
    message: 'the class already is a component',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  DECORATOR_MISPLACED: {
    message: 'the decorator does not belong here',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  COMPONENT_ROLE_DUPLICATE: {
    message: 'two methods of the component claim the same role for the same message',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  MESSAGE_SCHEMA_UNKNOWN: {
    message: 'the schema of this message is not known here',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  PROJECTION_UNAVAILABLE: {
    message: 'the projector runs without a projection store',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  NO_UNDO_HANDLER: {
    message: 'no handler undoes this command',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  COMPONENT_OPTION_INVALID: {
    message: 'an option of the component is missing or not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  LEASE_LOST: {
    message: 'another process has taken over this component',
    grpc: 'ABORTED',
    then: 'halt',
  },
  FACT_MARKER_MISSING: {
    message: 'Fact events must have ExternalDeferredSequence markers',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  COMPENSATION_ENVELOPE_INVALID: {
    message:
      'HandleCompensation requires a Notification delivery envelope carrying a RejectionNotification or a Compensate',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  CASCADE_CONFLICT: {
    message: 'the command changes fields that pending pages of other cascades have changed',
    grpc: 'ABORTED',
    then: 'reject',
  },
  CASCADE_RESOLVED: {
    message: 'the cascade was committed or rolled back before',
    grpc: 'ABORTED',
    then: 'reject',
  },
  CASCADE_TOO_DEEP: {
    message: 'the cascade of reactions is deeper than it may be',
    grpc: 'ABORTED',
    then: 'reject',
  },
  SYNC_WAIT_EXCEEDED: {
    message: 'the command is stored; what it brings about did not end in time',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'retry',
  },
  EVENTS_NOT_STORED: {
    message: 'only stored events are projected',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  KEY_PARKED: {
    message: 'an earlier message of this key is parked',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  TOO_MANY_PARKED_KEYS: {
    message: 'the component is halted: too many keys are parked',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'halt',
  },
  DEAD_LETTER_NOT_FOUND: {
    message: 'there is no such dead letter',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  TOO_MANY_OUTPUTS: {
    message: 'the handler emitted more messages than one reaction may',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  NO_FACT_HANDLER: {
    message: 'the aggregate declares no handler for this fact',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SPECULATION_POINT_MISSING: {
    message: 'Speculative requires either as_of_sequence or as_of_timestamp',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  QUERY_INVALID: {
    message: 'the query selects nothing that can be answered',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  ABORTED: { message: 'the operation was aborted', grpc: 'CANCELLED', then: 'reject' },
  DEADLINE_EXCEEDED: {
    message: 'the call did not end within its deadline',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'retry',
  },
  CALL_UNSUPPORTED: {
    message: 'this transport does not carry this call',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  CONFIGURATION_INVALID: {
    message: 'a setting is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  API_KEY_MISSING: {
    message: 'the call carries no API key',
    grpc: 'UNAUTHENTICATED',
    then: 'reject',
  },
  API_KEY_UNKNOWN: {
    message: 'the API key is not known',
    grpc: 'UNAUTHENTICATED',
    then: 'reject',
  },
  ROLE_MISSING: {
    message: 'the API key does not allow this call',
    grpc: 'PERMISSION_DENIED',
    then: 'reject',
  },
  ACCESS_NOT_RESTRICTED: {
    message: 'the server would be open to everybody who can reach it',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  COMPONENT_UNAVAILABLE: {
    message: 'the component cannot be reached',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  COMPONENT_UNDECLARED: {
    message: 'nobody has declared this component to the coordinator',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  EVENT_REPLAY_UNSUPPORTED: {
    message: 'events cannot be sent again',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  PAYLOAD_STORE_FULL: {
    message: 'there is no room for the payload: nothing of this write was stored',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  PAYLOAD_STORE_FAILED: {
    message: 'the payload could not be kept: nothing of this write was stored',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  PAYLOAD_RETRIEVAL_FAILED: {
    message: 'the payload of an event could not be retrieved',
    grpc: 'DATA_LOSS',
    then: 'retry',
  },
  PAYLOAD_FOLDER_FOREIGN: {
    message: 'the folder does not hold the payloads of this ledger',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  CLOUD_EVENT_INVALID: {
    message: 'the CloudEvent is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  CLOUD_EVENTS_WITHOUT_SINK: {
    message: 'a projector has made CloudEvents, and there is no sink for them',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  CLOUD_EVENTS_REFUSED: {
    message: 'the receiver of CloudEvents has refused them',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  CLOUD_EVENTS_UNAVAILABLE: {
    message: 'the receiver of CloudEvents cannot be reached',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  PROJECT_FILE_EXISTS: {
    message: 'a file of the new project is there already',
    grpc: 'ALREADY_EXISTS',
    then: 'reject',
  },
  PROJECT_NOT_WRITTEN: {
    message: 'the new project cannot be written',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
} as const

/** Codes of the engine behind the client contract: coordinator, wiring, bounds. */
export const engineErrors: typeof rows = rows
