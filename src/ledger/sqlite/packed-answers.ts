/** What the writer answers for a group, as it crosses back. */
import type { Nanoseconds } from '../../clock.ts'
import { type CodedError, codedError, type ErrorCode, type ErrorDetails } from '../../errors.ts'

/** An error as plain data. */
export type PackedError = {
  readonly code: ErrorCode
  readonly details: ErrorDetails
  readonly hint: string
  readonly reason: string
}

/**
 * What became of one write. The common case is a bare array: the number of the commit, then the
 * first position of each append.
 */
export type PackedAnswer = readonly number[] | SpecialAnswer

/** What became of a write that was not plainly stored. */
export type SpecialAnswer =
  /** A write of this id is stored already, by this commit. */
  | { readonly kind: 'stored'; readonly number: number }
  /** The claim at this index is held by a commit. */
  | { readonly kind: 'duplicate'; readonly index: number; readonly number: number }
  /** What stands at this index of the write's list does not hold. -1 stands for 'absent'. */
  | {
      readonly kind: 'conflict'
      readonly source: 'condition' | 'append' | 'row'
      readonly index: number
      readonly actual: number
    }
  | { readonly kind: 'failed'; readonly error: PackedError }

/** Answers of writes that shared a transaction. */
export type AnswerBatch = {
  readonly recordedAt: Nanoseconds
  readonly answers: readonly PackedAnswer[]
}

/** The answers for the writes of a group, in their order; one batch unless something went wrong. */
export type PackedAnswers = readonly AnswerBatch[]

/** True for the answer of a write that was stored, or of a check that holds. */
export function isCommitted(answer: PackedAnswer): answer is readonly number[] {
  return Array.isArray(answer)
}

/** Makes plain data of an error. */
export function packError(error: CodedError): PackedError {
  const { code, details, hint, message, cause } = error
  const reason = cause instanceof Error ? cause.message : message
  // Every error that gets here was made from the table.
  return { code: code as ErrorCode, details, hint, reason }
}

/** Makes an error of plain data. */
export function unpackError(packed: PackedError): CodedError {
  const { code, details, hint, reason } = packed
  return codedError(code, { details, hint, cause: new Error(reason) })
}
