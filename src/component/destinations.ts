/** The sequences of other aggregates, as far as a saga or process manager may know them. */
import { clone } from '@bufbuild/protobuf'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { errorTable } from '../errors.ts'
import type { Sequence } from '../identity.ts'
import {
  type CommandBook,
  type Cover,
  CoverSchema,
  type PageHeader,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { angzarrHeader, stampedHeader } from '../wire/header.ts'
import { type MessageOr, messageIn } from '../wire/message-or.ts'

/** Next sequences by domain, in any of these forms. */
export type SequenceMap = ReadonlyMap<string, Sequence> | Readonly<Record<string, Sequence>>

/**
 * Next sequences by destination domain (Angzarr client: `Destinations`). Advice for stamping
 * commands, never a reason to decide: an aggregate decides about itself.
 */
export class Destinations {
  /** Next sequence by domain, in the order they were given. */
  readonly sequences: ReadonlyMap<string, Sequence>

  constructor(sequences: SequenceMap = {}) {
    this.sequences = new Map(isMap(sequences) ? sequences : Object.entries(sequences))
  }
  /** From the map of a request; a copy. */
  static fromProto(destinationSequences: Readonly<Record<string, Sequence>>): Destinations {
    return new Destinations(destinationSequences)
  }
  /** The next sequence of a domain; 0 is an answer, `undefined` means nobody said. */
  sequenceFor(domain: string): Sequence | undefined {
    return this.sequences.get(domain)
  }
  /** Whether a sequence is known, 0 included. */
  hasDomain(domain: string): boolean {
    return this.sequences.has(domain)
  }
  /** The domains, in the order they were given. */
  get domains(): readonly string[] {
    return [...this.sequences.keys()]
  }
  /**
   * Stamps every page of a book with the next sequence of a domain and returns the same book. It
   * replaces a deferred header: a command is either stamped or deferred.
   *
   * @throws InvalidArgumentError `MISSING_DESTINATION_SEQUENCE`
   */
  stampCommand(command: CommandBook, domain: string): CommandBook {
    const sequence = this.sequences.get(domain)
    if (sequence === undefined) {
      throw new InvalidArgumentError(errorTable.MISSING_DESTINATION_SEQUENCE.message, {
        code: 'MISSING_DESTINATION_SEQUENCE',
        details: { domain },
        hint: 'Name the domain as target of the saga or process manager, or leave the command unstamped.',
      })
    }
    for (const page of command.pages) page.header = stampedHeader(page.header, sequence)
    return command
  }
  /**
   * A header that names the event a command comes from, so that the command takes effect once
   * however often the event is delivered.
   */
  static deferredHeader(sourceCover: MessageOr<Cover>, sourceSeq: Sequence): PageHeader {
    return angzarrHeader(clone(CoverSchema, messageIn(sourceCover)), sourceSeq)
  }
}

function isMap(sequences: SequenceMap): sequences is ReadonlyMap<string, Sequence> {
  return sequences instanceof Map
}
