const rows = {
  LEDGER_CLOSED: { message: 'the ledger is closed', grpc: 'UNAVAILABLE', then: 'retry' },
  LEDGER_NEWER_VERSION: {
    message: 'the ledger file was written by a newer version',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  LEDGER_NOT_A_LEDGER: {
    message: 'the file is not an Amends ledger',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  LEDGER_CORRUPT: { message: 'the ledger file is damaged', grpc: 'DATA_LOSS', then: 'halt' },
  LEDGER_FULL: {
    message: 'the disk is full: nothing of this write was stored',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  LEDGER_WRITE_FAILED: {
    message: 'the ledger could not store this write',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  LEDGER_BUSY: {
    message: 'another process holds the ledger for too long',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  LEDGER_WRITE_INVALID: {
    message: 'the write breaks a rule of the ledger',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  LEDGER_OPEN_FAILED: {
    message: 'the ledger file could not be opened',
    grpc: 'UNAVAILABLE',
    then: 'halt',
  },
  LEDGER_ALREADY_OPEN: {
    message: 'this process has the ledger open already',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  LEDGER_OVERLOADED: {
    message: 'too many writes wait for the ledger',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  COMMIT_OUTCOME_UNKNOWN: {
    message: 'whether the write was stored is not known',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  BACKUP_FAILED: { message: 'the backup could not be written', grpc: 'INTERNAL', then: 'halt' },
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
  SEQUENCE_EXHAUSTED: {
    message: 'the stream has reached the last sequence',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'reject',
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
  MERGE_STRATEGY_UNSUPPORTED: {
    message: 'this merge strategy is not supported here',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  SYNC_MODE_UNSUPPORTED: {
    message: 'this sync mode is not supported here',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  EDITION_UNSUPPORTED: {
    message: 'commands on named editions are not supported here',
    grpc: 'UNIMPLEMENTED',
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
  UPCASTER_CHANGED_HISTORY: {
    message: 'the upcaster changed the number or the sequences of the events',
    grpc: 'INTERNAL',
    then: 'reject',
  },
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
  MAIN_TIMELINE_PROTECTED: {
    message: 'Main timeline is protected: it is never deleted as a whole',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
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
  CLOCK_INVALID: {
    message: 'the clock gave a reading that cannot be used',
    grpc: 'INTERNAL',
    then: 'halt',
  },
  GRPC_NOT_INSTALLED: {
    message: 'gRPC is not installed',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  REQUEST_UNDECODABLE: {
    message: 'the request is not a message of its type',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  FACTS_UNSUPPORTED: {
    message: 'no @handles_fact methods declared on registered command_handler',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  HANDLER_DOES_NOT_SUPPORT_REPLAY: {
    message: 'command_handler did not opt in via @command_handler(supports_replay=True)',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  NO_COMPONENTS_REGISTERED: {
    message: 'the host has no components registered',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SERVICE_UNKNOWN: {
    message: 'the server has no service of this name',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  SESSION_ENDED: {
    message: 'the session with the component has ended',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  SESSION_OVERLOADED: {
    message: 'too many calls wait for the component',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  SESSION_PROTOCOL_BROKEN: {
    message: 'the other side breaks the rules of the session',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SERVICE_DUPLICATE: {
    message: 'two services of one name on one server',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  INVALID_BIND_ADDRESS: {
    message: 'the address to listen on is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  BIND_FAILED: {
    message: 'the server cannot listen on its address',
    grpc: 'UNAVAILABLE',
    then: 'halt',
  },
  UDS_DIRECTORY_CREATE_FAILED: {
    message: 'the folder of the socket cannot be made',
    grpc: 'UNAVAILABLE',
    then: 'halt',
  },
  UDS_BIND_FAILED: {
    message: 'the server cannot listen on its socket',
    grpc: 'UNAVAILABLE',
    then: 'halt',
  },
  WORKFLOW_INVALID: {
    message: 'a workflow or its context is not put together as it must be',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  WORKFLOW_TIMEOUT: {
    message: 'the operation did not end within its time',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'retry',
  },
  CIRCUIT_OPEN: { message: 'the circuit breaker is open', grpc: 'UNAVAILABLE', then: 'retry' },
  ROUTE_UNKNOWN: { message: 'there is no route for this key', grpc: 'NOT_FOUND', then: 'reject' },
  COMPENSATION_UNAVAILABLE: {
    message: 'no compensation can be registered here',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  VALUE_NOT_STORABLE: {
    message: 'the value holds something that cannot be stored',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  VALUE_TOO_LARGE: {
    message: 'the value takes more bytes than a stored value may',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  VALUE_UNREADABLE: {
    message: 'the stored value cannot be read',
    grpc: 'DATA_LOSS',
    then: 'reject',
  },
  ENTRY_UNREADABLE: {
    message: 'the stored journal entry cannot be read',
    grpc: 'DATA_LOSS',
    then: 'reject',
  },
  BUS_CLOSED: { message: 'the bus is closed', grpc: 'UNAVAILABLE', then: 'retry' },
  BUS_OVERLOADED: {
    message: 'too many messages wait on this topic: nothing was sent',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  MESSAGE_INVALID: {
    message: 'the message breaks a rule of the bus',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  MESSAGE_TOO_LARGE: {
    message: 'the message is larger than the bus takes',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  MESSAGE_UNROUTABLE: {
    message: 'nobody has ever consumed this topic: nothing was sent',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  SEND_OUTCOME_UNKNOWN: {
    message: 'whether the message was sent is not known',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  BUS_UNREACHABLE: {
    message: 'the broker cannot be reached: nothing was sent',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  BUS_TOPIC_REFUSED: {
    message: 'the broker refuses the queue of this topic',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  BUS_DRIVER_MISSING: {
    message: 'the package amqplib is not installed',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  REQUEST_MALFORMED: {
    message: 'the message is not a request: a header is missing or not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REPLY_MALFORMED: {
    message: 'the message is not a reply: a header is missing or not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REQUEST_CONTENT_INVALID: {
    message: 'the content of the request cannot be read',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REQUEST_HANDLER_MISSING: {
    message: 'this service has no handler for the request',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  REQUEST_HANDLER_DUPLICATE: {
    message: 'two handlers answer the same target',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  REQUEST_HANDLER_FAILED: {
    message: 'the handler of the request threw an unexpected error',
    grpc: 'INTERNAL',
    then: 'retry',
  },
  REPLY_STORE_CONTESTED: {
    message: 'others keep changing what is known of this request',
    grpc: 'ABORTED',
    then: 'retry',
  },
  REQUEST_CANCELLED: {
    message: 'the request was undone before it arrived: it has no effect',
    grpc: 'ABORTED',
    then: 'reject',
  },
  SAGA_NAME_INVALID: {
    message: 'the saga has no name, or one that cannot be used',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  SAGA_EMPTY: { message: 'the saga has no steps', grpc: 'FAILED_PRECONDITION', then: 'halt' },
  SAGA_NOT_COMMITTED: {
    message: 'the saga is not committed',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_ALREADY_COMMITTED: {
    message: 'the saga is committed: it cannot be changed',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_STEP_DETACHED: {
    message: 'the step belongs to no saga',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_STEP_ATTACHED: {
    message: 'the step belongs to a saga already',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_STEP_EMPTY: { message: 'the step does nothing', grpc: 'FAILED_PRECONDITION', then: 'halt' },
  SAGA_STEP_NOT_BEGUN: {
    message: 'the step has no onExecute',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_ON_EXECUTE_TWICE: {
    message: 'the step has an onExecute already',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_ON_SUCCESS_TWICE: {
    message: 'the step has an onSuccess already',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_ON_ERROR_TWICE: {
    message: 'the step has an onError already',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_ON_FAILURE_TWICE: {
    message: 'the step has an onFailure already',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_ELSE_THEN_TWICE: {
    message: 'the step has an elseThen already',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_STEP_KIND_INVALID: {
    message: 'this is no step of the kind asked for',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  SAGA_STEP_NAME_INVALID: {
    message: 'the name of the step cannot be used',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  SAGA_STEP_NAME_DUPLICATE: {
    message: 'two steps of the saga have the same name',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  SAGA_UNDO_AFTER_PIVOT: {
    message: 'a step behind the pivot cannot be undone',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_PIVOT_TWICE: {
    message: 'the saga has a pivot already',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_PIVOT_MISPLACED: {
    message: 'a pivot cannot stand here',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SAGA_OPTION_INVALID: {
    message: 'an option of the saga or of a step is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  SAGA_INPUT_INVALID: {
    message: 'the saga cannot start with this input',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SAGA_CALLBACK_RESULT_INVALID: {
    message: 'a callback of the saga returned something it cannot go on with',
    grpc: 'UNKNOWN',
    then: 'reject',
  },
  SAGA_REQUEST_INVALID: {
    message: 'this is no request that can be sent',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SAGA_SIGNAL_INVALID: {
    message: 'the data of the signal is refused',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REPLY_CONTENT_INVALID: {
    message: 'the content of the reply is refused by its schema',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  SAGA_FAILED: { message: 'the saga failed', grpc: 'ABORTED', then: 'reject' },
  SAGA_STEP_FAILED: { message: 'a step of the saga failed', grpc: 'ABORTED', then: 'reject' },
  SAGA_RESPONSE_FAILED: {
    message: 'the service answered that it failed',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  SAGA_EXECUTION_NOT_FOUND: {
    message: 'there is no execution of this id',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  SAGA_EXECUTION_ENDED: {
    message: 'the execution has ended',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  SAGA_ROLLBACK_FAILED: {
    message: 'the execution could not be undone completely',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  SAGA_STEP_ROLLBACK_FAILED: {
    message: 'the step could not be undone',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  SAGA_DEFINITION_INVALID: {
    message: 'this is not a definition that can be run',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  SAGA_DEFINITION_DUPLICATE: {
    message: 'the same version of a definition is given twice',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  SAGA_DEFINITION_UNKNOWN: {
    message: 'no definition of this name and version is registered',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  SAGA_MANAGER_CLOSED: {
    message: 'the saga manager is closed',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  SAGA_EXECUTION_ID_INVALID: {
    message: 'the id of the execution is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SAGA_EXECUTION_ID_TAKEN: {
    message: 'an execution of another definition has this id',
    grpc: 'ALREADY_EXISTS',
    then: 'reject',
  },
  SAGA_EXECUTION_TAKEN: {
    message: 'the journal of the execution was written by somebody else',
    grpc: 'ABORTED',
    then: 'retry',
  },
  SAGA_EXECUTION_FAILED: {
    message: 'the execution did not complete',
    grpc: 'ABORTED',
    then: 'reject',
  },
  SAGA_EXECUTION_PAST_PIVOT: {
    message: 'the execution has passed its point of no return',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  SAGA_EXECUTION_TOO_LONG: {
    message: 'the journal of the execution has reached its maximum of entries',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'reject',
  },
  SAGA_WORK_ITEM_NOT_FOUND: {
    message: 'the execution has no such open work item',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  SAGA_EXECUTION_NOT_COMPLETED: {
    message: 'only an execution that has completed can be undone on request',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  SAGA_VERB_NOT_ALLOWED: {
    message: 'this cannot be done about the work item',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  SAGA_OVERLOADED: {
    message: 'too many executions wait to start',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  JOURNAL_INVALID: {
    message: 'the journal does not begin with the start of its execution',
    grpc: 'DATA_LOSS',
    then: 'halt',
  },
  EXECUTION_NOT_STARTED: {
    message: 'the execution has not been started',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  EXECUTION_CANCELLED: {
    message: 'the execution was cancelled',
    grpc: 'CANCELLED',
    then: 'reject',
  },
  EXECUTION_DEADLINE_PASSED: {
    message: 'the deadline of the execution has passed',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'reject',
  },
  STEP_TIMED_OUT: {
    message: 'the time of the step was up',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'reject',
  },
  ATTEMPT_TIMED_OUT: {
    message: 'the time of the attempt was up',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'retry',
  },
  ATTEMPT_ABANDONED: {
    message: 'the operation did not heed its abort and may still be running',
    grpc: 'UNKNOWN',
    then: 'retry',
  },
  ATTEMPT_INTERRUPTED: {
    message: 'the process that ran the operation is gone',
    grpc: 'UNKNOWN',
    then: 'retry',
  },
  BRANCHES_CONFLICT: {
    message: 'branches of the group changed the same field differently',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  CHILD_EXECUTION_FAILED: {
    message: 'the execution of the step did not complete',
    grpc: 'ABORTED',
    then: 'reject',
  },
  OPERATOR_REQUEST_INVALID: {
    message: 'the request of the operator is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  OPERATOR_REQUEST_ID_TAKEN: {
    message: 'another request has this id',
    grpc: 'ALREADY_EXISTS',
    then: 'reject',
  },
  OPERATOR_REQUEST_UNANSWERED: {
    message: 'the request is stored and has not been carried out yet',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'retry',
  },
  OPERATOR_REQUEST_FAILED: {
    message: 'the request could not be carried out',
    grpc: 'INTERNAL',
    then: 'reject',
  },
  REFUSED: { message: 'refused', grpc: 'FAILED_PRECONDITION', then: 'reject' },
  UNDO_UNKNOWN: {
    message: 'the definition has no undo of this name',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  BINDING_MISSING: {
    message: 'the definition binds nothing to this step',
    grpc: 'INTERNAL',
    then: 'halt',
  },
} as const

/** Codes of the engine behind the client contract: ledger, coordinator, wiring, bounds. */
export const engineErrors: typeof rows = rows
