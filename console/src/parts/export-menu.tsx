/** Saves what the filters of a log match as a file: for spreadsheets, or for programs. */
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import type { Downloaded } from '../api/call.ts';
import { announce } from './announcer.tsx';
import { ProblemLine } from './problem-line.tsx';
import { saveFile } from './save-file.ts';

type Format = 'csv' | 'ndjson';

export function ExportMenu({ read }: { readonly read: (format: Format) => Promise<Downloaded> }) {
  const [isCut, setCut] = useState(false);
  const save = useMutation<Downloaded, ApiProblem, Format>({
    mutationFn: read,
    onSuccess: async ({ name, content }) => {
      saveFile(name, content);
      announce('The export is saved');
      setCut(await hasEnd(content));
    },
    // Who looked at whom must not stay in memory.
    gcTime: 0,
  });
  return (
    <>
      <Menu width={240} position="bottom-end">
        <Menu.Target>
          <Button
            leftSection={<IconDownload size={16} stroke={1.6} aria-hidden />}
            loading={save.isPending}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => save.mutate('csv')}>CSV, for spreadsheets</Menu.Item>
          <Menu.Item onClick={() => save.mutate('ndjson')}>NDJSON, for programs</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {save.error !== null && <ProblemLine error={save.error} />}
      {isCut && <p role="status">The export is not whole. Its last line says why.</p>}
    </>
  );
}

/** Whether the last line tells that entries are missing. */
async function hasEnd(content: Blob): Promise<boolean> {
  const end = await content.slice(-lastBytes).text();
  return /^(?:\{"export_ended"|"?More entries match|"?The export failed)/m.test(end);
}

/** The last line has at most some 400 bytes. */
const lastBytes = 1_000;
