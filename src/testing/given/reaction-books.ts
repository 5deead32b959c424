/** What sagas and process managers are asked with, as a coordinator would send it. */
import { NotificationSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { CommandBook, EventBook } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { Sequence } from '../../identity.ts'
import { packAny } from '../../wire/any.ts'
import { makeCover, makeEventBook, makeEventPage } from '../book-builders.ts'
import { makeRejectionNotification } from '../rejection-builders.ts'
import type { Scene } from './books.ts'

/** The next sequence of every output domain: what the scenario says, else 0. */
export function destinationsOf(
  outputs: readonly string[],
  said: Readonly<Record<string, Sequence>>,
): Record<string, Sequence> {
  return { ...Object.fromEntries(outputs.map((domain) => [domain, 0])), ...said }
}

/** A refusal as a trigger: one notification, under the cover of the refused command. */
export function rejectionBook(
  refused: CommandBook,
  reason: string,
  { code, scene }: { readonly code: string | undefined; readonly scene: Scene },
): EventBook {
  const { clock, correlationId } = scene
  const domain = refused.cover?.domain ?? ''
  const root = refused.cover?.root?.value ?? scene.key
  const cover = makeCover(domain, root, refused.cover?.correlationId || correlationId)
  const notification = makeRejectionNotification({ ...refused, cover }, reason, { code, clock })
  const page = makeEventPage(0, packAny(NotificationSchema, notification), clock)
  return makeEventBook(cover, [page])
}
