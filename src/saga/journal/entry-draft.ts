/**
 * An entry while it is read: fields come in any order, the entry is made at the end.
 *
 * Each kind of entry has a list of roles, in the order of its field numbers from 1 on. Fields 14 and
 * 15 are the same in all of them.
 */
import type { Nanoseconds } from '../../clock.ts'
import type {
  Backward,
  Begin,
  Change,
  Direction,
  Failure,
  Forward,
  Found,
  ParentLink,
  Turn,
  Verb,
} from '../../machine/journal.ts'
import type { ByteReader } from '../../wire/codec/byte-reader.ts'
import { BACKWARDS, DIRECTIONS, type EntryKind, FORWARDS, FOUND, VERBS } from './entry-types.ts'
import * as read from './read-parts.ts'

/** What a field is to its entry; the number is the wire type its tag must have. */
const WIRE_TYPES = {
  path: 2,
  attempt: 0,
  direction: 0,
  branch: 0,
  change: 2,
  services: 2,
  failure: 2,
  happened: 0,
  again: 0,
  found: 0,
  value: 2,
  name: 2,
  text: 2,
  verb: 0,
  id: 2,
  definition: 2,
  fingerprint: 2,
  parent: 2,
  correlationId: 2,
  undo: 2,
  added: 0,
  forward: 0,
  backward: 0,
} as const

type Role = keyof typeof WIRE_TYPES

const ROLES: Readonly<Record<EntryKind, readonly Role[]>> = {
  started: ['id', 'definition', 'fingerprint', 'value', 'parent', 'correlationId'],
  prepared: ['path', 'direction'],
  chosen: ['path', 'branch'],
  succeeded: ['path', 'attempt', 'change', 'services'],
  failed: ['path', 'attempt', 'failure', 'happened', 'again', 'services'],
  probed: ['path', 'attempt', 'found', 'change', 'again'],
  'timed-out': ['path', 'failure'],
  child: ['path', 'forward', 'backward', 'change', 'failure'],
  joined: ['path', 'failure'],
  undone: ['path', 'attempt', 'change'],
  'undo-failed': ['path', 'attempt', 'failure', 'again'],
  'undo-added': ['path', 'name', 'value'],
  signalled: ['name', 'value'],
  resumed: ['path', 'direction'],
  'deadline-passed': [],
  cancelled: ['text'],
  'compensation-requested': ['text'],
  resolved: ['path', 'verb', 'name', 'text', 'value', 'undo', 'added'],
}

const BEGINS_TAG = 14 * 8 + 2
const TURN_TAG = 15 * 8 + 2

/** See the top of this file. */
export class EntryDraft {
  readonly kind: EntryKind
  readonly at: Nanoseconds
  readonly begins: Begin[] = []
  turns: Turn | undefined = undefined
  path = ''
  attempt = 0
  direction: Direction = 'forward'
  change: Change = read.SAME
  services: string[] | undefined = undefined
  failure: Failure | undefined = undefined
  value: read.Held | undefined = undefined
  name = ''
  text = ''
  again: Nanoseconds | undefined = undefined
  happened = false
  branch = 0
  found: Found['kind'] = 'unknown'
  verb: Verb = 'retry'
  undo: string | undefined = undefined
  added: number | undefined = undefined
  forward: Forward = 'running'
  backward: Backward = 'not-needed'
  id = ''
  definition = ''
  fingerprint = ''
  correlationId = ''
  parent: ParentLink | undefined = undefined

  constructor(kind: EntryKind, at: Nanoseconds) {
    this.kind = kind
    this.at = at
  }

  /** Reads the fields of an entry that ends at `end`. */
  read(r: ByteReader, end: number): void {
    const roles = ROLES[this.kind]
    while (r.pos < end) {
      const tag = r.uint32()
      if (tag === BEGINS_TAG) this.begins.push(read.readBegin(r, r.extent(end)))
      else if (tag === TURN_TAG) this.turns = read.readTurn(r, r.extent(end))
      else {
        const role = roles[(tag >>> 3) - 1]
        if (role === undefined || WIRE_TYPES[role] !== (tag & 7)) read.skip(r, tag, end)
        else this.#readRole(role, r, end)
      }
    }
    read.mustEnd(r, end)
  }

  #readRole(role: Role, r: ByteReader, end: number): void {
    switch (role) {
      case 'path':
        this.path = r.name(end)
        break
      case 'attempt':
        this.attempt = r.uint32()
        break
      case 'direction':
        this.direction = read.readWord(r, DIRECTIONS)
        break
      case 'branch':
        this.branch = r.sint32()
        break
      case 'change':
        this.change = read.readChange(r, r.extent(end))
        break
      case 'services':
        this.services ??= []
        this.services.push(r.name(end))
        break
      case 'failure':
        this.failure = read.readFailure(r, r.extent(end))
        break
      case 'happened':
        this.happened = r.bool()
        break
      case 'again':
        this.again = r.int64()
        break
      default:
        this.#readRareRole(role, r, end)
    }
  }

  #readRareRole(role: Role, r: ByteReader, end: number): void {
    switch (role) {
      case 'found':
        this.found = read.readWord(r, FOUND)
        break
      case 'value':
        this.value = read.readValue(r, r.extent(end))
        break
      case 'name':
        this.name = r.name(end)
        break
      case 'text':
        this.text = r.string(end)
        break
      case 'verb':
        this.verb = read.readWord(r, VERBS)
        break
      case 'id':
        this.id = r.string(end)
        break
      case 'definition':
        this.definition = r.name(end)
        break
      case 'fingerprint':
        this.fingerprint = r.name(end)
        break
      case 'parent':
        this.parent = read.readParent(r, r.extent(end))
        break
      case 'correlationId':
        this.correlationId = r.string(end)
        break
      case 'undo':
        this.undo = r.string(end)
        break
      case 'added':
        this.added = r.uint32()
        break
      case 'forward':
        this.forward = read.readWord(r, FORWARDS)
        break
      case 'backward':
        this.backward = read.readWord(r, BACKWARDS)
        break
      default:
        throw new Error(`a role without a reader: ${role}`)
    }
  }
}
