/**
 * The message types that JSON can be read and written in: those of the framework, those that the
 * components of this process mention, and those of a descriptor set, for components elsewhere.
 */
import { createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import * as wellKnown from '@bufbuild/protobuf/wkt'
import { knownSchema } from '../../../component/known-messages.ts'
import { codedError, messageOf } from '../../../errors.ts'
import { file_angzarr_client_proto_angzarr_cloudevents } from '../../../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import { file_angzarr_client_proto_angzarr_meta } from '../../../proto/angzarr_client/proto/angzarr/meta_pb.ts'
import { file_angzarr_client_proto_angzarr_saga } from '../../../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import { file_angzarr_client_proto_angzarr_types } from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { file_google_rpc_error_details } from '../../../proto/google/rpc/error_details_pb.ts'

/** The schema of a type by its full name, if it is known. */
export type MessageTypes = (typeName: string) => DescMessage | undefined

const FRAMEWORK: ReadonlyMap<string, DescMessage> = new Map(
  [
    file_angzarr_client_proto_angzarr_types,
    file_angzarr_client_proto_angzarr_saga,
    file_angzarr_client_proto_angzarr_meta,
    file_angzarr_client_proto_angzarr_cloudevents,
    file_google_rpc_error_details,
    wellKnown.file_google_protobuf_any,
    wellKnown.file_google_protobuf_duration,
    wellKnown.file_google_protobuf_empty,
    wellKnown.file_google_protobuf_field_mask,
    wellKnown.file_google_protobuf_struct,
    wellKnown.file_google_protobuf_timestamp,
    wellKnown.file_google_protobuf_wrappers,
  ].flatMap(({ messages }) => messages.map((schema) => [schema.typeName, schema] as const)),
)

/**
 * The types of this process, and those of a descriptor set (`buf build -o types.binpb`,
 * `protoc --include_imports --descriptor_set_out`). Names that both know are those of this process.
 *
 * @throws CodedError `CONFIGURATION_INVALID` for bytes that are no descriptor set
 */
export function messageTypes(descriptors?: Uint8Array): MessageTypes {
  const further = descriptors === undefined ? undefined : registryOf(descriptors)
  return (typeName) =>
    FRAMEWORK.get(typeName) ?? knownSchema(typeName) ?? further?.getMessage(typeName)
}

function registryOf(descriptors: Uint8Array): ReturnType<typeof createFileRegistry> {
  try {
    return createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors))
  } catch (cause) {
    throw codedError('CONFIGURATION_INVALID', {
      details: { setting: 'http.descriptors', cause: messageOf(cause) },
      hint: 'It is a FileDescriptorSet that holds its imports: buf build -o types.binpb.',
      cause,
    })
  }
}
