/** The wrapper of a command page. */
import type { Any } from '@bufbuild/protobuf/wkt'
import type {
  CommandPage as CommandPageMessage,
  MergeStrategy,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { PageBearer } from './page-bearer.ts'

/** One command, with accessors (Angzarr client: `CommandPage`). */
export class CommandPage extends PageBearer<CommandPageMessage> {
  /** What happens when the sequence it expects is stale. */
  mergeStrategy(): MergeStrategy {
    return this.proto().mergeStrategy
  }

  protected override inline(): Any | undefined {
    const { payload } = this.proto()
    return payload.case === 'command' ? payload.value : undefined
  }
}
