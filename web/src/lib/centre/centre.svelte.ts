import { SvelteMap } from 'svelte/reactivity';
import { api } from '../api/client';
import { browserSurroundings, Connection, type LinkState, type Surroundings } from '../api/connection';
import type { Recorded } from '../api/events';
import type { Micros } from '../api/model';
import { NO_REFERENCE, type Reference } from '../api/reference';
import type {
  CameraPulseMessage, City, DerivedMessage, HospitalView, IncidentView, LatestVitals, Scheme, Snapshot, StationProfile, StreamMessage,
  TrafficSummary, UnitView, WatchMessage, WaveMessage,
} from '../api/views';
import { CentreClock } from './centre-clock';

export interface Located { lat: number; lon: number; at: Micros }

type WaveListener = (wave: WaveMessage) => void;
type EventListener = (recorded: Recorded) => void;

const REFRESH_MS = 250;

/** What this screen knows of the centre, and how old that is. */
export class Centre {
  city = $state.raw<City | null>(null);
  scheme = $state.raw<Scheme | null>(null);
  reference = $state.raw<Reference>(NO_REFERENCE);
  stations = $state.raw<StationProfile[]>([]);
  traffic = $state.raw<TrafficSummary>({ n_arcs: 0, n_closed: 0, n_fleet: 0, newest: null, next_end: null });
  /** The policy in force; `null` until the centre has told. */
  policy = $state<string | null>(null);
  readonly incidents = new SvelteMap<number, IncidentView>();
  readonly units = new SvelteMap<string, UnitView>();
  readonly hospitals = new SvelteMap<string, HospitalView>();
  readonly positions = new SvelteMap<string, Located>();
  readonly vitals = new SvelteMap<string, LatestVitals>();
  readonly derived = new SvelteMap<string, DerivedMessage>();
  readonly cameraPulses = new SvelteMap<string, CameraPulseMessage>();
  readonly watches = new SvelteMap<string, WatchMessage>();

  link = $state<LinkState>('starting');
  now = $state<Micros>(0);
  silentMs = $state(0);
  speed = $state(1);

  private readonly clock = new CentreClock();
  private readonly connection: Connection;
  private readonly waveListeners = new Set<WaveListener>();
  private readonly eventListeners = new Set<EventListener>();
  private refresh: ReturnType<typeof setInterval> | undefined;

  constructor(around: Surroundings = browserSurroundings(api.state)) {
    this.connection = new Connection(
      {
        onSnapshot: (snapshot) => this.takeSnapshot(snapshot),
        onMessage: (message) => this.takeMessage(message),
        onLink: (state) => (this.link = state),
      },
      around,
    );
  }

  start(): () => void {
    this.connection.start();
    void this.loadReference();
    this.refresh = setInterval(() => this.tellTime(), REFRESH_MS);
    return () => {
      clearInterval(this.refresh);
      this.connection.stop();
    };
  }

  onEvent(listener: EventListener): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  /** Receives one unit's waveform until the returned function is called. */
  watchWave(unit: string, listener: WaveListener): () => void {
    const own: WaveListener = (wave) => {
      if (wave.unit === unit) listener(wave);
    };
    this.waveListeners.add(own);
    this.connection.watch(unit);
    return () => {
      this.waveListeners.delete(own);
      if (this.waveListeners.size === 0) this.connection.watch(null);
    };
  }

  private async loadReference(): Promise<void> {
    for (;;) {
      try {
        this.reference = await api.reference();
        return;
      } catch {
        await new Promise((resume) => setTimeout(resume, 1000));
      }
    }
  }

  private tellTime(): void {
    const wall = performance.now();
    this.now = this.clock.at(wall);
    this.silentMs = wall - this.connection.heardAt;
  }

  private takeSnapshot(snapshot: Snapshot): void {
    this.city = snapshot.city;
    this.scheme = snapshot.scheme;
    this.stations = snapshot.stations;
    this.traffic = snapshot.traffic;
    this.policy = snapshot.policy ?? null;
    this.speed = this.clock.speed = snapshot.speed;
    this.clock.restart();
    this.clock.set(performance.now(), snapshot.now);
    replaceAll(this.incidents, snapshot.incidents);
    replaceAll(this.units, snapshot.units);
    replaceAll(this.hospitals, snapshot.hospitals);
    this.positions.clear();
    for (const unit of snapshot.units) this.locate(unit);
    for (const latest of snapshot.vitals) this.recall(latest);
    this.tellTime();
  }

  private takeMessage(message: StreamMessage): void {
    switch (message.type) {
      case 'hello':
        this.speed = this.clock.speed = message.speed;
        this.clock.set(performance.now(), message.now);
        break;
      case 'tick':
        this.clock.set(performance.now(), message.now);
        break;
      case 'event':
        if (message.incident) this.incidents.set(message.incident.id, message.incident);
        if (message.hospital) this.hospitals.set(message.hospital.id, message.hospital);
        if (message.unit) {
          this.units.set(message.unit.id, message.unit);
          this.locate(message.unit);
        }
        if (message.recorded.event.type === 'policy_switched') this.policy = message.recorded.event.to;
        for (const listener of this.eventListeners) listener(message.recorded);
        break;
      case 'positions':
        for (const [unit, lat, lon, at] of message.positions) this.positions.set(unit, { lat, lon, at });
        break;
      case 'traffic':
        this.traffic = message.traffic;
        break;
      case 'vitals':
        this.vitals.set(message.unit, message);
        break;
      case 'wave':
        for (const listener of this.waveListeners) listener(message);
        break;
      case 'derived':
        this.derived.set(message.unit, message);
        break;
      case 'camera_pulse':
        this.cameraPulses.set(message.unit, message);
        break;
      case 'watch':
        this.watches.set(message.unit, message);
        break;
    }
  }

  private recall(latest: LatestVitals): void {
    const known = this.vitals.get(latest.unit);
    if (!known || known.at < latest.at) this.vitals.set(latest.unit, latest);
  }

  private locate(unit: UnitView): void {
    if (!unit.position || unit.position_at === null) return;
    const known = this.positions.get(unit.id);
    if (known && known.at > unit.position_at) return;
    this.positions.set(unit.id, { ...unit.position, at: unit.position_at });
  }
}

function replaceAll<K, V extends { id: K }>(map: SvelteMap<K, V>, views: V[]): void {
  const ids = new Set(views.map(({ id }) => id));
  for (const id of [...map.keys()]) if (!ids.has(id)) map.delete(id);
  for (const view of views) map.set(view.id, view);
}

export const centre = new Centre();
