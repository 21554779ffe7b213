/** Mantine's theme. Colours and sizes are in `tokens.css` and `mantine.css`. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Mantine asks for ten shades. Its parts take their colours from `mantine.css`. */
const accent: MantineColorsTuple = [
  ...(['#ecefff', '#d9dfff', '#b9c3ff', '#8da0ff', '#6f85f5'] as const),
  ...(['#4f67ea', '#3d57e4', '#2f4bde', '#2f4bde', '#2740c4'] as const),
];

export const mantineTheme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-mono)',
  colors: { accent },
  primaryColor: 'accent',
  primaryShade: 8,
  defaultRadius: 8,
  respectReducedMotion: true,
  focusRing: 'auto',
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { variant: 'default' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    // A hint below its field, so that the labels of a row stand at one height.
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] },
    },
    Modal: { defaultProps: { centered: true, transitionProps: { duration: 180 } } },
    Tooltip: {
      defaultProps: { openDelay: 200, events: { hover: true, focus: true, touch: true } },
    },
    Menu: { defaultProps: { position: 'bottom-end', shadow: 'none', offset: 6 } },
    Select: { defaultProps: { allowDeselect: false, comboboxProps: { offset: 4 } } },
  },
});
