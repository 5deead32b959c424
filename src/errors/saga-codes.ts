const rows = {
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
  SAGA_COORDINATOR_MISSING: {
    message: 'the manager has no coordinator to send commands to: nothing was sent',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  SAGA_COMMAND_UNSERVED: {
    message: 'the coordinator serves no such command',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  SAGA_ISOLATION_INVALID: {
    message: 'the saga cannot be isolated as it is',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SAGA_RESERVATION_REFUSED: {
    message: 'a service does not reserve what the saga has changed there',
    grpc: 'ABORTED',
    then: 'reject',
  },
  TRANSACTION_UNANSWERED: {
    message: 'a service could not do what the end of the transaction asks of it',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  TRANSACTION_REFUSED: {
    message: 'a service refuses to end the transaction as it was decided',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  TRANSACTION_ENDED: {
    message: 'the transaction has ended, or takes nothing more',
    grpc: 'ABORTED',
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

/** Codes of sagas, workflows and the values they carry. */
export const sagaErrors: typeof rows = rows
