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
  SEQUENCE_EXHAUSTED: {
    message: 'the stream has reached the last sequence',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'reject',
  },
  MAIN_TIMELINE_PROTECTED: {
    message: 'Main timeline is protected: it is never deleted as a whole',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
} as const

/** Codes of the ledger. */
export const ledgerErrors: typeof rows = rows
