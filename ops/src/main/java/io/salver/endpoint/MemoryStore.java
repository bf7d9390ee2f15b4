package io.salver.endpoint;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A store that ends with the process. */
public final class MemoryStore implements ControlStore {
  /** What feedback and join keys are found by. */
  private record Key(String endpoint, String name) {}

  private record Noted(String prediction, Instant time) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Tables tables = new Tables();

  @Override
  public <T> T read(Function<View, T> work) {
    lock.lock();
    try {
      return work.apply(tables);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public <T> T write(Function<Transaction, T> work) {
    lock.lock();
    try {
      T result = work.apply(tables);
      tables.undo.clear();
      return result;
    } finally {
      tables.rollBack();
      lock.unlock();
    }
  }

  @Override
  public void close() {}

  /** The content, and how what was begun is undone. Guarded by the lock. */
  private static final class Tables implements Transaction {
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final NavigableMap<String, StoredEndpoint> endpoints = new TreeMap<>();
    private final Map<Key, String> states = new HashMap<>();
    private final Map<String, String> settings = new HashMap<>();
    private final NavigableMap<Long, AuditEntry> audit = new TreeMap<>();
    private final Map<Key, Noted> feedback = new HashMap<>();
    private final Map<Key, Noted> joinKeys = new HashMap<>();
    private long revision;

    private void rollBack() {
      while (!undo.isEmpty()) {
        undo.pop().run();
      }
    }

    private <K, V> void set(Map<K, V> map, K key, @Nullable V value) {
      V before = value == null ? map.remove(key) : map.put(key, value);
      undo.push(() -> {
        if (before == null) {
          map.remove(key);
        } else {
          map.put(key, before);
        }
      });
    }

    @Override
    public List<StoredEndpoint> endpoints() {
      return List.copyOf(endpoints.values());
    }

    @Override
    public Optional<StoredEndpoint> endpoint(String name) {
      return Optional.ofNullable(endpoints.get(name));
    }

    @Override
    public Map<String, String> states(String endpoint) {
      Map<String, String> found = new HashMap<>();
      states.forEach((key, value) -> {
        if (key.endpoint.equals(endpoint)) {
          found.put(key.name, value);
        }
      });
      return found;
    }

    @Override
    public long revision() {
      return revision;
    }

    @Override
    public Optional<String> setting(String name) {
      return Optional.ofNullable(settings.get(name));
    }

    @Override
    public Map<String, String> settings(String prefix) {
      Map<String, String> found = new HashMap<>();
      settings.forEach((name, value) -> {
        if (name.startsWith(prefix)) {
          found.put(name, value);
        }
      });
      return found;
    }

    @Override
    public List<AuditEntry> audit(int limit, long before) {
      return audit.headMap(before, false).descendingMap().values().stream().limit(limit).toList();
    }

    @Override
    public boolean hasFeedback(String endpoint, String predictionId) {
      return feedback.containsKey(new Key(endpoint, predictionId));
    }

    @Override
    public Optional<String> predictionOf(String endpoint, String joinKey) {
      return Optional.ofNullable(joinKeys.get(new Key(endpoint, joinKey))).map(Noted::prediction);
    }

    @Override
    public void put(StoredEndpoint endpoint) {
      long before = revision;
      undo.push(() -> revision = before);
      revision = Math.max(revision, endpoint.revision());
      set(endpoints, endpoint.name(), endpoint);
    }

    @Override
    public void delete(String endpoint) {
      set(endpoints, endpoint, null);
      states(endpoint).keySet().forEach(kind -> set(states, new Key(endpoint, kind), null));
    }

    @Override
    public void putState(String endpoint, String kind, String value) {
      set(states, new Key(endpoint, kind), value);
    }

    @Override
    public void deleteState(String endpoint, String kind) {
      set(states, new Key(endpoint, kind), null);
    }

    @Override
    public void putSetting(String name, String value) {
      set(settings, name, value);
    }

    @Override
    public void deleteSetting(String name) {
      set(settings, name, null);
    }

    @Override
    public long audit(AuditEntry entry) {
      long id = audit.isEmpty() ? 1 : audit.lastKey() + 1;
      set(audit, id, entry.withId(id));
      if (audit.size() > MAX_AUDIT_ENTRIES) {
        set(audit, audit.firstKey(), null);
      }
      return id;
    }

    @Override
    public boolean addFeedback(String endpoint, String predictionId, Instant time) {
      Key key = new Key(endpoint, predictionId);
      if (feedback.containsKey(key)) {
        return false;
      }
      set(feedback, key, new Noted(predictionId, time.truncatedTo(ChronoUnit.MILLIS)));
      return true;
    }

    @Override
    public void putJoinKey(String endpoint, String joinKey, String predictionId, Instant time) {
      set(
          joinKeys,
          new Key(endpoint, joinKey),
          new Noted(predictionId, time.truncatedTo(ChronoUnit.MILLIS)));
    }

    @Override
    public void forgetFeedback(Instant before, int most) {
      forget(feedback, before.truncatedTo(ChronoUnit.MILLIS), most);
      forget(joinKeys, before.truncatedTo(ChronoUnit.MILLIS), most);
    }

    /** Of those that are equally old, the first by name go first. */
    private void forget(Map<Key, Noted> noted, Instant before, int most) {
      List<Map.Entry<Key, Noted>> oldest = new ArrayList<>(noted.entrySet());
      oldest.sort(
          Comparator.comparing((Map.Entry<Key, Noted> e) -> e.getValue().time)
              .thenComparing(e -> e.getKey().endpoint)
              .thenComparing(e -> e.getKey().name));
      int surplus = noted.size() - most;
      for (int i = 0; i < oldest.size(); i++) {
        if (i < surplus || oldest.get(i).getValue().time.isBefore(before)) {
          set(noted, oldest.get(i).getKey(), null);
        }
      }
    }
  }
}
