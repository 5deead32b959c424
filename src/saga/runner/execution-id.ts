/** Ids of executions that their callers have not named. */
import { type Clock, NANOSECONDS_PER_MS } from '../../clock.ts'
import { type Random, rootOfBytes } from '../../identity.ts'
import { limits } from '../../limits.ts'
import { executionStream } from '../journal/execution-stream.ts'

/** What an execution is traced by unless its caller says: its id, or the root of its stream. */
export function correlationIdOf(id: string): string {
  return id.length <= limits.correlationIdLengthMax ? id : executionStream(id).root
}

/**
 * A UUID of version 7: random, and in the order of time, so that the rows and streams of executions
 * that start together lie together on the disk.
 */
export function newExecutionId(clock: Clock, random: Random): string {
  const bytes = random.bytes(16)
  let ms = Number(clock.wall() / NANOSECONDS_PER_MS)
  for (let at = 5; at >= 0; at--) {
    bytes[at] = ms % 256
    ms = Math.floor(ms / 256)
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return rootOfBytes(bytes)
}
