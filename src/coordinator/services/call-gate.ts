/**
 * The door of a served coordinator: who may come in, and who is still inside.
 *
 * 1. Once it is closed nobody comes in; those inside finish.
 * 2. Sessions of components do not count: they serve those inside.
 */
import { create, isMessage } from '@bufbuild/protobuf'
import { codedError } from '../../errors.ts'
import type { KeyRing } from '../../host/api-keys.ts'
import type { CallContext } from '../../host/grpc-service.ts'
import type { CallGuard } from '../../host/guarded-service.ts'
import { ComponentSessionService } from '../../proto/amends/component/v1/session_pb.ts'
import {
  CommandRequestSchema,
  CoverSchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type AskedCall, checkRole } from './plan-access.ts'

/** See the top of this file. */
export interface CallGate {
  /** Looks at every call. */
  readonly guard: CallGuard
  /**
   * Whether a caller may make a call, to be asked before its request has been read.
   *
   * @throws CodedError `API_KEY_MISSING`, `API_KEY_UNKNOWN`, `ROLE_MISSING`
   */
  check(call: AskedCall, caller: Pick<CallContext, 'metadata'>): void
  /** Calls inside. */
  readonly inside: number
  /** Lets nobody in any more. */
  close(): void
  /** Resolves when nobody is inside. */
  readonly empty: Promise<void>
}

/** A gate; without a ring everybody may do everything. */
export function callGate(ring: KeyRing | undefined): CallGate {
  let inside = 0
  let closed = false
  const empty = Promise.withResolvers<void>()
  const left = (): void => {
    inside--
    if (closed && inside === 0) empty.resolve()
  }
  const check: CallGate['check'] = (call, caller) => {
    if (ring !== undefined) checkRole(ring.holderOf(caller), call)
  }
  return {
    check,
    guard: ({ method, request, context }) => {
      const service = method.parent.typeName
      check({ service, method: method.name, domain: domainOf(request) }, context)
      if (service === ComponentSessionService.typeName) return undefined
      if (closed) throw codedError('COORDINATOR_CLOSED')
      inside++
      return left
    },
    get inside() {
      return inside
    },
    close: () => {
      closed = true
      if (inside === 0) empty.resolve()
    },
    empty: empty.promise,
  }
}

function domainOf(request: object | undefined): string | undefined {
  if (!isMessage(request, CommandRequestSchema)) return undefined
  return (request.command?.cover ?? create(CoverSchema)).domain
}
