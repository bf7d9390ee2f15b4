package io.salver.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store in a file does what the one in memory does, also across restarts. */
class StoresTest {
  private static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @TempDir Path directory;

  @Test
  void bothStoresAnswerTheSame() {
    for (long seed = 0; seed < 6; seed++) {
      compare(seed, directory.resolve("seed" + seed));
    }
  }

  private static void compare(long seed, Path directory) {
    Random random = new Random(seed);
    MemoryStore oracle = new MemoryStore();
    SqliteStore store = new SqliteStore(directory, NativeLibrary.DRIVERS_OWN);
    for (int step = 0; step < 150; step++) {
      String at = "seed " + seed + ", step " + step;
      if (random.nextInt(15) == 0) {
        store.close();
        store = new SqliteStore(directory, NativeLibrary.DRIVERS_OWN);
      }
      List<Object> expected = new ArrayList<>();
      List<Object> found = new ArrayList<>();
      long work = random.nextLong();
      run(oracle, new Random(work), expected);
      run(store, new Random(work), found);
      assertThat(found).as(at).isEqualTo(expected);
      assertThat(store.read(StoresTest::content))
          .as(at)
          .isEqualTo(oracle.read(StoresTest::content));
    }
    store.close();
  }

  private static void run(ControlStore store, Random random, List<Object> answers) {
    try {
      store.change(transaction -> {
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
          step(transaction, random, answers::add);
        }
        if (random.nextInt(4) == 0) {
          throw new Stop();
        }
      });
    } catch (Stop e) {
      answers.add("stopped");
    }
  }

  private static void step(
      ControlStore.Transaction transaction, Random random, Consumer<Object> answers) {
    String name = "e" + random.nextInt(3);
    String key = "key " + random.nextInt(8);
    Instant time = Instant.ofEpochSecond(1_700_000_000L + random.nextInt(100), random.nextInt());
    switch (random.nextInt(12)) {
      case 0, 1 ->
          transaction.put(
              new StoredEndpoint(
                  name, "d\u0000\u00e9" + random.nextInt(), "h", random.nextInt(1_000), time));
      case 2 -> transaction.delete(name);
      case 3 -> transaction.putState(name, "bandit", "v" + random.nextInt());
      case 4 -> transaction.deleteState(name, "bandit");
      case 5, 6 ->
          answers.accept(
              transaction.audit(
                  new AuditEntry(0, time, "a", "put", name, "\ud83d\ude00", AuditEntry.DONE)));
      case 7 -> answers.accept(transaction.addFeedback(name, key, time));
      case 8 -> transaction.putJoinKey(name, key, "p" + random.nextInt(), time);
      case 9 -> transaction.putSetting(key, "s" + random.nextInt());
      case 10 -> transaction.deleteSetting(key);
      default -> transaction.forgetFeedback(time.minusSeconds(50), random.nextInt(8));
    }
  }

  private static List<Object> content(ControlStore.View view) {
    List<Object> content = new ArrayList<>(view.endpoints());
    content.add(view.revision());
    content.addAll(view.audit(1_000, Long.MAX_VALUE));
    content.addAll(view.audit(2, 3));
    for (int k = 0; k < 8; k++) {
      content.add(view.setting("key " + k));
    }
    content.add(view.settings(""));
    content.add(view.settings("key 1"));
    content.add(view.settings("%"));
    for (int i = 0; i < 3; i++) {
      String name = "e" + i;
      content.add(view.endpoint(name));
      content.add(view.states(name));
      for (int k = 0; k < 8; k++) {
        content.add(view.hasFeedback(name, "key " + k));
        content.add(view.predictionOf(name, "key " + k));
      }
    }
    return content;
  }

  @Test
  void theAuditLogIsBounded() {
    try (ControlStore memory = new MemoryStore();
        ControlStore file = new SqliteStore(directory, NativeLibrary.DRIVERS_OWN)) {
      for (ControlStore store : List.of(memory, file)) {
        store.change(transaction -> {
          for (int i = 0; i < ControlStore.MAX_AUDIT_ENTRIES + 5; i++) {
            transaction.audit(new AuditEntry(0, Instant.EPOCH, "a", "b", "c", "", "done"));
          }
        });
        List<AuditEntry> kept = store.read(view -> view.audit(Integer.MAX_VALUE, Long.MAX_VALUE));
        assertThat(kept).hasSize(ControlStore.MAX_AUDIT_ENTRIES);
        assertThat(kept.getLast().id()).isEqualTo(6);
      }
    }
  }

  @Test
  void textsOfAnEntryAreCutAtCharacters() {
    String text = "x".repeat(255) + "\ud83d\ude00";
    AuditEntry entry = new AuditEntry(0, Instant.EPOCH, text, "b", "c", "", "done");
    assertThat(entry.actor()).isEqualTo("x".repeat(255));
  }

  @Test
  void aClosedStoreSaysSo() {
    SqliteStore store = new SqliteStore(directory, NativeLibrary.DRIVERS_OWN);
    store.close();
    assertThatThrownBy(() -> store.read(ControlStore.View::endpoints))
        .hasMessageContaining("state.db: closed (expected: open)");
  }
}
