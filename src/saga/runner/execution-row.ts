/**
 * The row of an execution: what a list shows without reading its journal. It is written when an
 * execution starts, begins to unwind, waits for long, is stuck, or ends; not at every step.
 */
import { create } from '@bufbuild/protobuf'
import type { Nanoseconds } from '../../clock.ts'
import type { Row, RowChange } from '../../ledger/ledger.ts'
import type { Backward, Forward, ParentLink } from '../../machine/journal.ts'
import { EXECUTIONS, type Standing } from './spaces.ts'
