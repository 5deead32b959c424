/** The wrapper of a command book. */
import { create } from '@bufbuild/protobuf'
import type { Sequence } from '../../identity.ts'
import {
  type CommandBook as CommandBookMessage,
  type Cover as CoverMessage,
  CoverSchema,
  MergeStrategy,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CommandPage } from './command-page.ts'
import { Cover } from './cover.ts'
import { CoverBearer } from './cover-bearer.ts'

/** Commands for one aggregate, normally one, with accessors (Angzarr client: `CommandBook`). */
export class CommandBook extends CoverBearer<CommandBookMessage> {
  /** The wrapped cover; an empty one when the book has none. */
  cover(): Cover {
    return new Cover(this.proto().cover ?? create(CoverSchema))
  }

  /** The pages, wrapped, in order. */
  pages(): readonly CommandPage[] {
    return this.proto().pages.map((page) => new CommandPage(page))
  }

  /** The first page; `undefined` when there is none. */
  firstCommand(): CommandPage | undefined {
    const page = this.proto().pages[0]
    return page === undefined ? undefined : new CommandPage(page)
  }

  /** The sequence the first page expects; 0 when it names none. */
  commandSequence(): Sequence {
    return this.firstCommand()?.sequenceNum() ?? 0
  }

  /** The merge strategy of the first page; `MERGE_COMMUTATIVE` without pages. */
  mergeStrategy(): MergeStrategy {
    return this.firstCommand()?.mergeStrategy() ?? MergeStrategy.MERGE_COMMUTATIVE
  }

  protected override coverMessage(): CoverMessage | undefined {
    return this.proto().cover
  }
}
