/**
 * The embedded store keeps the store contract, with its writer in this process and over the
 * writer's socket.
 */
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { storeContract } from '../contracts/store-contract.ts';
import type { StoreBackend } from '../contracts/store-trial.ts';

const local: StoreBackend = {
  name: 'embedded',
  async open(dataFolder, nowMs) {
    const writer = await openWriter(dataFolder, { nowMs });
    const reader = openReader(dataFolder);
    const close = async () => {
      await reader.close();
      await writer.close();
    };
    return { writer, reader, close };
  },
};

const overSocket: StoreBackend = {
  name: 'embedded over the socket',
  async open(dataFolder, nowMs) {
    const holder = await openWriter(dataFolder, { nowMs });
    const writer = await openWriter(dataFolder, { nowMs });
    const reader = openReader(dataFolder);
    const close = async () => {
      await reader.close();
      await writer.close();
      await holder.close();
    };
    return { writer, reader, close };
  },
};

storeContract(local);
storeContract(overSocket);
