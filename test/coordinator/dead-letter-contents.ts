/** What is inside a dead letter. */
import type {
  AngzarrDeadLetter,
  CommandBook,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeNameFromUrl } from '../../src/wire/type-url.ts'

/** Type of the command in it. */
export function commandTypeOf(letter: AngzarrDeadLetter | undefined): string | undefined {
  if (letter?.payload.case !== 'rejectedCommand') return undefined
  const payload = letter.payload.value.pages[0]?.payload
  return payload?.case === 'command' ? typeNameFromUrl(payload.value.typeUrl) : undefined
}

/** Types of the events in it. */
export function eventTypesOf(letter: AngzarrDeadLetter | undefined): readonly string[] {
  if (letter?.payload.case !== 'rejectedEvents') return []
  return letter.payload.value.pages.flatMap(({ payload }) =>
    payload.case === 'event' ? [typeNameFromUrl(payload.value.typeUrl)] : [],
  )
}

/** The command in it. */
export function rejectedCommandOf(letter: AngzarrDeadLetter | undefined): CommandBook | undefined {
  return letter?.payload.case === 'rejectedCommand' ? letter.payload.value : undefined
}
