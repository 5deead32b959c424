/**
 * A reply to a request of a saga.
 *
 * 1. It never changes; its services are a copy.
 * 2. Any number can be its status: what is none of the three is a `SYSTEM_ERROR`, and the number that
 *    came stays readable.
 */
import { sameValue } from '../../wire/values/same-value.ts'
import type { Border } from './border.ts'
import { SagaResponseStatus, sagaResponseStatusFromRaw } from './saga-response-status.ts'

/** What a reply is made of; everything is optional. */
export type SagaResponseInit<Reply = unknown> = {
  /** What it carries. Default: `null`. */
  readonly content?: Reply | undefined
  /** The services that took part. Default: none. */
  readonly relatedServices?: Iterable<string> | undefined
  /** Default: `SUCCESS`. */
  readonly status?: number | undefined
  /** The execution it belongs to. Default: not known. */
  readonly uuid?: string | undefined
  /** The schema its content is checked by when it is read. */
  readonly border?: Border | undefined
}

/** A reply to a request (Minos saga: `SagaResponse`). `Reply` is what it carries. */
export class SagaResponse<Reply = unknown> {
  /** One of the three statuses. */
  readonly status: SagaResponseStatus
  /** The status as it came. */
  readonly rawStatus: number
  /** The services that took part in it. */
  readonly relatedServices: ReadonlySet<string>
  /** The execution it belongs to. */
  readonly uuid: string | undefined
  readonly #content: unknown
  readonly #border: Border | undefined

  /** A reply from its parts in order, or by name with {@link SagaResponse.of}. */
  constructor(
    content?: Reply,
    relatedServices?: Iterable<string>,
    status: number = SagaResponseStatus.SUCCESS,
    uuid?: string,
    border?: Border,
  ) {
    this.#content = content === undefined ? null : content
    this.relatedServices = new Set(relatedServices)
    this.rawStatus = status
    this.status = sagaResponseStatusFromRaw(status)
    this.uuid = uuid
    this.#border = border
  }

  /** A reply from its parts by name. */
  static of<Reply = unknown>(init: SagaResponseInit<Reply> = {}): SagaResponse<Reply> {
    const { content, relatedServices, status, uuid, border } = init
    return new SagaResponse<Reply>(content, relatedServices, status, uuid, border)
  }

  /** Whether the request took effect: its status is exactly `SUCCESS`. */
  get ok(): boolean {
    return this.status === SagaResponseStatus.SUCCESS
  }

  /**
   * What it carries.
   *
   * @throws CodedError `REPLY_CONTENT_INVALID` when the schema of its request refuses it
   */
  async content(): Promise<Reply> {
    const content = this.#border === undefined ? this.#content : this.#border.unpack(this.#content)
    // What the request type declares; only a schema can check it.
    return (await content) as Reply
  }

  /** Whether the other one has the same content, status, services and execution. */
  equals(other: unknown): boolean {
    return (
      other instanceof SagaResponse &&
      other.rawStatus === this.rawStatus &&
      other.uuid === this.uuid &&
      sameValue(other.relatedServices, this.relatedServices) &&
      sameValue(other.#content, this.#content)
    )
  }
}
