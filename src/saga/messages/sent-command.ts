/**
 * A command as the content of a request: what a saga journals of it, and what the desk makes of it.
 *
 * 1. The target of such a request is `<domain> <full name of the command>`. The space keeps it apart
 *    from every topic of a bus, so that a target says by itself where a request goes.
 */
import { codedError } from '../../errors.ts'
import { parseRoot, type Root } from '../../identity.ts'
import { SyncMode } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** What travels, as plain data. */
export type SentCommand = {
  readonly domain: string
  readonly root: Root
  /** Full name of the command's message type. */
  readonly type: string
  /** The encoded command. */
  readonly value: Uint8Array
  /** How much of what it sets off is waited for. */
  readonly syncMode: SyncMode
}

/** The target of a request that is a command. */
export function commandTarget(domain: string, type: string): string {
  return `${domain}${SPACE}${type}`
}

/** Whether a request to a target is a command. */
export function isCommandTarget(target: string): boolean {
  return target.includes(SPACE)
}

const SPACE = ' '

/** The modes a step can ask for: in every one of them its command is stored, and seen by all. */
export const COMMAND_SYNC_MODES: readonly SyncMode[] = [
  SyncMode.ASYNC,
  SyncMode.SIMPLE,
  SyncMode.CASCADE,
]

/** Reads what travelled. @throws CodedError `REQUEST_CONTENT_INVALID` */
export function sentCommandOf(content: unknown): SentCommand {
  if (typeof content === 'object' && content !== null) {
    const { domain, root, type, value, syncMode } = content as Partial<Record<string, unknown>>
    const mode = COMMAND_SYNC_MODES.find((one) => one === syncMode)
    if (
      typeof domain === 'string' &&
      typeof root === 'string' &&
      typeof type === 'string' &&
      value instanceof Uint8Array &&
      mode !== undefined
    ) {
      return { domain, root: parseRoot(root), type, value, syncMode: mode }
    }
  }
  const hint = 'Make the request of a command with commandType.'
  throw codedError('REQUEST_CONTENT_INVALID', { details: { issues: 'no command' }, hint })
}
