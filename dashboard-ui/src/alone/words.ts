// What the player in an exported file says.
const ENGLISH = {
  stage: 'The recorded page',
  way: 'Moment in the recording',
  speed: 'Speed',
  play: 'Play',
  pause: 'Pause',
  keys: 'Space plays and pauses, the arrows go 10 s back and on, < and > change the speed.',
  failed: 'This recording holds no page that can be shown.',
};

const CZECH: typeof ENGLISH = {
  stage: 'Nahraná stránka',
  way: 'Místo v nahrávce',
  speed: 'Rychlost',
  play: 'Přehrát',
  pause: 'Pozastavit',
  keys: 'Mezerník spouští a zastavuje, šipky posouvají o 10 s, < a > mění rychlost.',
  failed: 'V nahrávce není stránka, kterou by šlo ukázat.',
};

export const words = (language: string): typeof ENGLISH => (language.toLowerCase().startsWith('cs') ? CZECH : ENGLISH);
