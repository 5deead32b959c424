/** Every message of the contract and of the fixtures. */
import type { DescFile, DescMessage } from '@bufbuild/protobuf'
import { nestedTypes } from '@bufbuild/protobuf/reflect'
import { file_amends_reaction_v1_reaction } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { file_amends_saga_v1_execution } from '../proto/amends/saga/v1/execution_pb.ts'
import { file_amends_saga_v1_journal } from '../proto/amends/saga/v1/journal_pb.ts'
import { file_angzarr_client_proto_angzarr_cloudevents } from '../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import { file_angzarr_client_proto_angzarr_command_handler } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { file_angzarr_client_proto_angzarr_process_manager } from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { file_angzarr_client_proto_angzarr_saga } from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import { file_angzarr_client_proto_angzarr_status_dlq_admin } from '../proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import { file_angzarr_client_proto_angzarr_types } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { file_google_rpc_error_details } from '../proto/google/rpc/error_details_pb.ts'
import { file_google_rpc_status } from '../proto/google/rpc/status_pb.ts'
import { file_sererr_v1_sererr } from '../proto/sererr/v1/sererr_pb.ts'
import { file_counter } from '../../test/fixtures/gen/counter_pb.ts'
import { file_edition } from '../../test/fixtures/gen/edition_pb.ts'
import { file_everything } from '../../test/fixtures/gen/everything_pb.ts'
import { file_inventory } from '../../test/fixtures/gen/inventory_pb.ts'
import { file_legacy } from '../../test/fixtures/gen/legacy_pb.ts'
import { file_orders } from '../../test/fixtures/gen/orders_pb.ts'
import { file_payment } from '../../test/fixtures/gen/payment_pb.ts'
import { file_workflow } from '../../test/fixtures/gen/workflow_pb.ts'

function messagesOf(files: readonly DescFile[]): readonly DescMessage[] {
  return files.flatMap((file) => [...nestedTypes(file)].filter((type) => type.kind === 'message'))
}

/** The messages of the contract and of the engine. */
export const contractSchemas: readonly DescMessage[] = messagesOf([
  file_angzarr_client_proto_angzarr_types,
  file_angzarr_client_proto_angzarr_command_handler,
  file_angzarr_client_proto_angzarr_process_manager,
  file_angzarr_client_proto_angzarr_saga,
  file_angzarr_client_proto_angzarr_cloudevents,
  file_angzarr_client_proto_angzarr_status_dlq_admin,
  file_sererr_v1_sererr,
  file_google_rpc_status,
  file_google_rpc_error_details,
  file_amends_reaction_v1_reaction,
  file_amends_saga_v1_execution,
  file_amends_saga_v1_journal,
])

/** The messages of the fixtures: plain ones, and every kind of field there is. */
export const fixtureSchemas: readonly DescMessage[] = messagesOf([
  file_orders,
  file_counter,
  file_inventory,
  file_payment,
  file_workflow,
  file_everything,
  file_legacy,
  file_edition,
])
