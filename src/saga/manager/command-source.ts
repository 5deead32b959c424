/** Where the commands of sagas go: the coordinator, or the clients, that a manager was given. */
import type { CommandHandlerClient } from '../../client/command-handler-client.ts'
import type { DomainClient } from '../../client/domain-client.ts'
import type { Coordinator } from '../../coordinator/coordinator.ts'
import { codedError } from '../../errors.ts'
import type { AnyCommandType } from '../messages/command-type.ts'
import type { CommandRunner, CommandRunnerOf } from '../runner/command-line.ts'

/** A client through which commands can be sent. */
export type CommandClient =
  Pick<DomainClient, 'commandHandler'> | Pick<CommandHandlerClient, 'execute'>

/**
 * What commands can be sent to: the coordinator of this process, a client of one elsewhere, or, where
 * each domain has a coordinator of its own, a function that gives the client of a domain.
 */
export type CommandSource =
  Pick<Coordinator, 'client' | 'serves'> | CommandClient | ((domain: string) => CommandClient)

/**
 * Who runs the commands of a domain.
 *
 * @throws CodedError `CONFIGURATION_INVALID` for what is no such source; `SAGA_COORDINATOR_MISSING`
 * for commands without one; `SAGA_COMMAND_UNSERVED` for one that the coordinator of this process does
 * not serve
 */
export function commandRunnerOf(
  source: CommandSource | undefined,
  commands: readonly AnyCommandType[],
): CommandRunnerOf | undefined {
  checkCommands(commands)
  const [first] = commands
  if (source === undefined) {
    if (first === undefined) return undefined
    throw codedError('SAGA_COORDINATOR_MISSING', { details: { target: first.target } })
  }
  if (isCoordinator(source)) {
    for (const { target, domain, schema } of commands) {
      if (source.serves(domain, schema.typeName)) continue
      const hint = 'Give openCoordinator a component that handles it, or correct the domain.'
      throw codedError('SAGA_COMMAND_UNSERVED', { details: { target, domain }, hint })
    }
    return remembered((domain) => source.client(domain).commandHandler)
  }
  if (typeof source === 'function') return remembered((domain) => runnerIn(source(domain)))
  const runner = runnerIn(source)
  return () => runner
}

function isCoordinator(source: CommandSource): source is Pick<Coordinator, 'client' | 'serves'> {
  return typeof source === 'object' && source !== null && 'client' in source && 'serves' in source
}

/** Asks once for each domain; domains are few. */
function remembered(find: (domain: string) => CommandRunner): CommandRunnerOf {
  const known = new Map<string, CommandRunner>()
  return (domain) => {
    const found = known.get(domain) ?? find(domain)
    known.set(domain, found)
    return found
  }
}

function runnerIn(client: CommandClient): CommandRunner {
  if (typeof client === 'object' && client !== null) {
    if ('commandHandler' in client) return client.commandHandler
    if ('execute' in client) return client
  }
  const hint =
    'It is an opened coordinator, a client, or a function that gives the client of a domain.'
  throw codedError('CONFIGURATION_INVALID', { details: { field: 'coordinator' }, hint })
}

function checkCommands(commands: unknown): void {
  const isList = Array.isArray(commands)
  if (isList && commands.every((one) => typeof one === 'function' && 'domain' in one)) return
  const hint = 'commands is a list of what commandType has made.'
  throw codedError('CONFIGURATION_INVALID', { details: { field: 'commands' }, hint })
}
