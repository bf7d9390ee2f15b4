package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {
  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final long SECOND = 1_000_000_000L;
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir Path directory;

  private static Fingerprint files(long size, Instant newest) {
    return new Fingerprint(List.of(new Fingerprint.Entry("f", size, newest)), newest);
  }

  @Test
  void oldFilesAreStableAtOnce() {
    FileWatch watch = new FileWatch(files(1, NOON.minusSeconds(2)), 0);
    assertThat(watch.isStable(NOON, 0, QUIET)).isTrue();
  }

  @Test
  void freshFilesAreStableWhenTheyAreOldOrWereSeenUnchangedForLongEnough() {
    FileWatch watch = new FileWatch(files(1, NOON), 5 * SECOND);
    assertThat(watch.isStable(NOON.plusMillis(1999), 5 * SECOND, QUIET)).isFalse();
    assertThat(watch.isStable(NOON.plusMillis(2000), 5 * SECOND, QUIET)).isTrue();
    assertThat(watch.isStable(NOON.minusSeconds(99), 7 * SECOND - 1, QUIET)).isFalse();
    assertThat(watch.isStable(NOON.minusSeconds(99), 7 * SECOND, QUIET)).isTrue();
  }

  @Test
  void aChangeBeginsTheTimeAnew() {
    FileWatch watch = new FileWatch(files(1, NOON), 0);
    assertThat(watch.seen(files(1, NOON), SECOND).sinceNs()).isZero();
    assertThat(watch.seen(files(2, NOON), SECOND).sinceNs()).isEqualTo(SECOND);
    assertThat(watch.seen(files(1, NOON.plusNanos(1)), SECOND).sinceNs()).isEqualTo(SECOND);
  }

  @Test
  void aFingerprintSeesNamesSizesAndTimesAtEveryDepth() throws IOException {
    Path deep = Files.createDirectories(directory.resolve("a/b")).resolve("f");
    Files.writeString(deep, "x");
    Fingerprint first = Fingerprint.of(directory);
    assertThat(first.sameFiles(Fingerprint.of(directory))).isTrue();

    FileTime time = Files.getLastModifiedTime(deep);
    Files.writeString(deep, "xy");
    Files.setLastModifiedTime(deep, time);
    Fingerprint grown = Fingerprint.of(directory);
    assertThat(grown.sameFiles(first)).isFalse();
    Files.setLastModifiedTime(deep, FileTime.from(NOON));
    assertThat(Fingerprint.of(directory).sameFiles(grown)).isFalse();
  }

  @Test
  void aModificationTimeThatWasSetBackDoesNotMakeFilesOld() throws IOException {
    Path file = directory.resolve("f");
    Instant before = Instant.now().minusSeconds(60);
    Files.writeString(file, "copied with its old time");
    Files.setLastModifiedTime(file, FileTime.from(NOON));

    assertThat(Fingerprint.of(directory).newest()).isAfter(before);
  }

  @Test
  void aDirectoryThatIsGoneIsAnError() {
    assertThatThrownBy(() -> Fingerprint.of(directory.resolve("gone")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
