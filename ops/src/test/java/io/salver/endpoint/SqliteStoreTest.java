package io.salver.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/** What a store's file may meet. */
class SqliteStoreTest {
  private static final SqliteFile.Options IMPATIENT =
      new SqliteFile.Options(NativeLibrary.DRIVERS_OWN, Duration.ofMillis(50), 0);

  @TempDir Path directory;

  private Path file() {
    return directory.resolve(SqliteFile.NAME);
  }

  private SqliteStore store() {
    return new SqliteStore(file(), IMPATIENT);
  }

  private static void fill(SqliteStore store) {
    store.change(transaction -> {
      for (int i = 0; i < 30; i++) {
        String name = "endpoint" + i;
        transaction.put(
            new StoredEndpoint(name, "definition " + i, "", i + 1L, Instant.ofEpochMilli(i)));
        transaction.putState(name, "bandit", "weights of " + i);
        transaction.audit(
            new AuditEntry(0, Instant.EPOCH, "test", "put", name, "", AuditEntry.DONE));
        transaction.addFeedback(name, "p" + i, Instant.EPOCH);
      }
    });
  }

  private static Map<StoredEndpoint, Map<String, String>> content(ControlStore store) {
    return store.read(view -> {
      Map<StoredEndpoint, Map<String, String>> content = new java.util.LinkedHashMap<>();
      view.endpoints().forEach(each -> content.put(each, view.states(each.name())));
      return content;
    });
  }

  private static void assertFails(SqliteStore store, Category category, String... words) {
    try (store) {
      assertThatThrownBy(() -> store.read(ControlStore.View::endpoints))
          .isInstanceOf(ServingException.class)
          .satisfies(e -> {
            assertThat(((ServingException) e).category()).isEqualTo(category);
            assertThat(e.getMessage()).contains(words);
          });
    }
  }

  @Test
  void nothingIsMadeBeforeTheFirstWrite() {
    try (SqliteStore store = store()) {
      assertThat(store.read(ControlStore.View::endpoints)).isEmpty();
      assertThat(file()).doesNotExist();
      fill(store);
      assertThat(file()).exists();
    }
  }

  @Test
  void aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws IOException {
    Files.writeString(file(), "not a database, but longer than the head of one. ".repeat(20));
    assertFails(
        store(), Category.DATA_LOSS, file().toString(), "corrupt", "move it and state.db-wal");
    assertThat(file()).content().startsWith("not a database");
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    try (SqliteStore store = store()) {
      fill(store);
    }
    long size = Files.size(file());
    for (long kept : new long[] {size - 4096, size / 2, 4096, 1000, 20}) {
      Path cut = Files.copy(file(), directory.resolve("cut" + kept));
      try (RandomAccessFile bytes = new RandomAccessFile(cut.toFile(), "rw")) {
        bytes.setLength(kept);
      }
      assertFails(new SqliteStore(cut, IMPATIENT), Category.DATA_LOSS, cut.toString(), "corrupt");
    }
  }

  @Test
  void aFlippedByteIsSeenOrChangesNothing() throws IOException {
    try (SqliteStore store = store()) {
      fill(store);
    }
    byte[] whole = Files.readAllBytes(file());
    Map<StoredEndpoint, Map<String, String>> expected;
    try (SqliteStore store = store()) {
      expected = content(store);
    }
    List<Integer> refused = new ArrayList<>();
    Random random = new Random(20);
    for (int i = 0; i < 300; i++) {
      int at = i < 100 ? i : random.nextInt(whole.length);
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      Path broken = directory.resolve("flipped" + i);
      Files.write(broken, flipped);
      try (SqliteStore store = new SqliteStore(broken, IMPATIENT)) {
        assertThat(content(store)).as("byte %d", at).isEqualTo(expected);
      } catch (ServingException e) {
        assertThat(e.category())
            .as("byte %d: %s", at, e.getMessage())
            .isIn(Category.DATA_LOSS, Category.FAILED_PRECONDITION, Category.UNAVAILABLE);
        refused.add(at);
      }
    }
    assertThat(refused).hasSizeGreaterThan(50);
  }

  @Test
  void aChangedValueIsSeenByItsChecksum() throws IOException {
    try (SqliteStore store = store()) {
      fill(store);
    }
    String bytes = Files.readString(file(), StandardCharsets.ISO_8859_1);
    Files.writeString(
        file(), bytes.replace("definition 7", "definition 8"), StandardCharsets.ISO_8859_1);
    assertFails(store(), Category.DATA_LOSS, "checksum of endpoint endpoint7");
  }

  @Test
  void anotherProgramsFileIsRefusedAndLeftAlone() throws SQLException {
    execute("CREATE TABLE mine (a)", "INSERT INTO mine VALUES (1)");
    assertFails(
        store(), Category.FAILED_PRECONDITION, "application 0 (expected: a file of Salver's");
    execute("SELECT a FROM mine");
  }

  @Test
  void aNewerSchemaIsRefused() throws SQLException {
    try (SqliteStore store = store()) {
      fill(store);
    }
    execute("PRAGMA user_version = 2");
    assertFails(
        store(), Category.FAILED_PRECONDITION, file().toString(), "schema version 2 (expected: 1)");
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file(), new Properties());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Test
  void aSecondProcessIsRefused() {
    try (SqliteStore first = store()) {
      fill(first);
      assertFails(store(), Category.UNAVAILABLE, "in use (expected: no other process");
    }
    try (SqliteStore second = store()) {
      assertThat(second.read(ControlStore.View::endpoints)).hasSize(30);
    }
  }

  @Test
  void whereThereIsNoRoomNothingChangesAndTheStoreGoesOn() {
    SqliteFile.Options small =
        new SqliteFile.Options(NativeLibrary.DRIVERS_OWN, Duration.ofMillis(50), 40);
    try (SqliteStore store = new SqliteStore(file(), small)) {
      fill(store);
      Map<StoredEndpoint, Map<String, String>> before = content(store);
      assertThatThrownBy(() ->
              store.change(transaction -> {
                transaction.delete("endpoint3");
                transaction.putState("endpoint4", "bandit", "x".repeat(1 << 20));
              }))
          .isInstanceOf(ServingException.class)
          .hasMessageContaining(file() + ": no room; nothing was changed")
          .extracting(e -> ((ServingException) e).category())
          .isEqualTo(Category.UNAVAILABLE);
      assertThat(content(store)).isEqualTo(before);
      store.change(transaction -> transaction.delete("endpoint3"));
      assertThat(content(store)).hasSize(29);
    }
  }

  @Test
  void aDirectoryThatCannotBeIsRefusedAtOnce() throws IOException {
    Path taken = Files.writeString(directory.resolve("taken"), "");
    assertThatThrownBy(() -> new SqliteStore(taken, NativeLibrary.DRIVERS_OWN))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(taken.toString());
  }
}
