/** Which role a call of a coordinator's services asks for. Pure. */
import { codedError } from '../../errors.ts'
import { ComponentSessionService } from '../../proto/amends/component/v1/session_pb.ts'
import { CommandHandlerCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { DlqAdminService } from '../../proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import { META_ANGZARR_DOMAIN } from '../../wire/constants.ts'

/**
 * What a caller may do: `read` what is stored and try things out; `write` commands, facts and
 * compensation; `operate`: dead letters, cascades, editions; `serve`: be a component; `admin`: all.
 */
export type Role = 'read' | 'write' | 'operate' | 'serve' | 'admin'

/** The roles, weakest first. */
export const ROLES: readonly Role[] = ['read', 'write', 'operate', 'serve', 'admin']

/** What is known of a call before it is let in. */
export type AskedCall = {
  /** Full name of the service. */
  readonly service: string
  /** Name of the method. */
  readonly method: string
  /** Domain of the command in it, if it has one. */
  readonly domain: string | undefined
}

const WRITES: ReadonlySet<string> = new Set(['HandleCommand', 'HandleEvent', 'HandleCompensation'])

/** Methods of the other services that store or send something. */
const RUNS: ReadonlySet<string> = new Set(['Execute', 'Handle', 'HandleSync'])

/** The role that a call asks for; what is not known to read only asks for more. */
export function roleFor({ service, method, domain }: AskedCall): Role {
  if (service === ComponentSessionService.typeName) return 'serve'
  if (service === DlqAdminService.typeName) {
    return method === 'ListDeadLetters' || method === 'GetDeadLetter' ? 'read' : 'operate'
  }
  if (service === CommandHandlerCoordinatorService.typeName && WRITES.has(method)) {
    return domain === META_ANGZARR_DOMAIN ? 'operate' : 'write'
  }
  return RUNS.has(method) ? 'write' : 'read'
}

/** @throws CodedError `ROLE_MISSING`, status PERMISSION_DENIED */
export function checkRole(
  holder: { readonly name: string; readonly roles: ReadonlySet<string> },
  call: AskedCall,
): void {
  const role = roleFor(call)
  if (holder.roles.has(role) || holder.roles.has('admin')) return
  const details = { caller: holder.name, role, call: `${call.service}/${call.method}` }
  throw codedError('ROLE_MISSING', { details, hint: `Give the key the role ${role}.` })
}
