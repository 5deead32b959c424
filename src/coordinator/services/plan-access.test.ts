import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { EventQueryService } from '../../proto/angzarr_client/proto/angzarr/query_pb.ts'
import { EventStreamService } from '../../proto/angzarr_client/proto/angzarr/stream_pb.ts'
import { CommandHandlerCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { ProcessManagerCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { ProjectorCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import { SagaCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import { DlqAdminService } from '../../proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import { ComponentSessionService } from '../../proto/amends/component/v1/session_pb.ts'
import { checkRole, roleFor } from './plan-access.ts'

test('every method that stores or sends something asks for more than reading', () => {
  const services = [
    CommandHandlerCoordinatorService,
    EventQueryService,
    EventStreamService,
    SagaCoordinatorService,
    ProcessManagerCoordinatorService,
    ProjectorCoordinatorService,
    DlqAdminService,
    ComponentSessionService,
  ]
  const roles = services.flatMap(({ typeName: service, methods }) =>
    methods.map(({ name: method }) => {
      const role = roleFor({ service, method, domain: undefined })
      return `${service.split('.').at(-1)}/${method} ${role}`
    }),
  )
  assert.deepEqual(
    roles.filter((line) => !line.endsWith(' read')),
    [
      'CommandHandlerCoordinatorService/HandleCommand write',
      'CommandHandlerCoordinatorService/HandleEvent write',
      'CommandHandlerCoordinatorService/HandleCompensation write',
      'SagaCoordinatorService/Execute write',
      'ProcessManagerCoordinatorService/Handle write',
      'ProjectorCoordinatorService/HandleSync write',
      'ProjectorCoordinatorService/Handle write',
      'DlqAdminService/DeleteDeadLetter operate',
      'DlqAdminService/ReplayDeadLetter operate',
      'ComponentSessionService/Open serve',
    ],
  )
})

test('commands for the engine itself are for operators', () => {
  const { typeName: service } = CommandHandlerCoordinatorService
  assert.equal(roleFor({ service, method: 'HandleCommand', domain: '_angzarr' }), 'operate')
})

test('a role that is missing is named', () => {
  const call = { service: DlqAdminService.typeName, method: 'ReplayDeadLetter', domain: undefined }
  const holder = { name: 'shop', roles: new Set(['read', 'write']) }
  assert.throws(() => checkRole(holder, call), { code: 'ROLE_MISSING' })
  checkRole({ name: 'root', roles: new Set(['admin']) }, call)
})
