/**
 * Several frames of a session as one, and one as several. A bundle within a bundle breaks the protocol:
 * nobody needs it, and it would have no end.
 */
import { create } from '@bufbuild/protobuf'
import { codedError } from '../../errors.ts'
import {
  type ComponentFrame,
  ComponentFrameSchema,
  type CoordinatorFrame,
  CoordinatorFrameSchema,
} from '../../proto/amends/component/v1/session_pb.ts'
import type { Bundling } from './frame-queue.ts'

/** What a frame has beside its payload, about. */
const BESIDE_BYTES = 200

/** How frames of a component become one. */
export const componentBundling: Bundling<ComponentFrame> = {
  join: (frames) => create(ComponentFrameSchema, { frame: { case: 'several', value: { frames } } }),
  bytesOf: ({ frame }) =>
    frame.case === 'answer' && frame.value.result.case === 'response'
      ? frame.value.result.value.length + BESIDE_BYTES
      : BESIDE_BYTES,
}

/** How frames of a coordinator become one. */
export const coordinatorBundling: Bundling<CoordinatorFrame> = {
  join: (frames) =>
    create(CoordinatorFrameSchema, { frame: { case: 'several', value: { frames } } }),
  bytesOf: ({ frame }) =>
    frame.case === 'call' ? frame.value.request.length + BESIDE_BYTES : BESIDE_BYTES,
}

/** The frames that a message brought, in their order. @throws CodedError `SESSION_PROTOCOL_BROKEN` */
export function framesIn(message: ComponentFrame): readonly ComponentFrame[]
export function framesIn(message: CoordinatorFrame): readonly CoordinatorFrame[]
export function framesIn(
  message: ComponentFrame | CoordinatorFrame,
): readonly (ComponentFrame | CoordinatorFrame)[] {
  if (message.frame.case !== 'several') return [message]
  const { frames } = message.frame.value
  if (frames.length > 0 && frames.every(({ frame }) => frame.case !== 'several')) return frames
  const details = { expected: 'frames that are none of several', actual: 'several' }
  throw codedError('SESSION_PROTOCOL_BROKEN', { details })
}
