/** The refusal of a stale command as it is answered over a wire: with the aggregate as it is now. */
import { create } from '@bufbuild/protobuf'
import { carryBook } from '../../client/grpc/status-details.ts'
import { limits } from '../../limits.ts'
import {
  type CommandRequest,
  EventBookSchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { SequenceMismatchError } from '../sequence-mismatch.ts'

/**
 * Runs a command. When it is refused as stale, the error carries the current book in the details of
 * its status; of a history that would not fit there only the next sequence.
 */
export async function withCurrentBook<T>(
  { command }: CommandRequest,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof SequenceMismatchError)) throw error
    const nextSequence = Number(error.details['actual'])
    const { cover } = command ?? {}
    const short = create(EventBookSchema, { nextSequence, ...(cover && { cover }) })
    const isShort = nextSequence <= limits.statusBookPagesMax
    // What cannot be read now is read when somebody asks for it.
    const whole = isShort ? await error.currentBook().catch(() => undefined) : undefined
    carryBook(error, whole ?? short)
    throw error
  }
}
