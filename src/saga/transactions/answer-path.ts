/** The paths under which services answer what a committer asks. No step has such a path. */
import type { TransactionVerb } from '../../participant/transaction-topics.ts'

const PREFIX = 'transaction:'

/** The path of the question that one service is asked. */
export function answerPath(verb: TransactionVerb, service: string): string {
  return `${PREFIX}${verb}:${service}`
}

/** Whether a reply answers a committer; one that comes too late belongs to nothing, and is no loss. */
export function isCommitterAnswer(path: string): boolean {
  return path.startsWith(PREFIX)
}
