package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.model.ModelSource.Sink;
import io.salver.model.ModelSource.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FileSystemSourceTest {
  @TempDir Path root;
  private final List<String> said = new ArrayList<>();
  private final FileSystemSource source = new FileSystemSource(Duration.ofSeconds(-1));
  private Path base;

  @BeforeEach
  void setUp() {
    base = root.resolve("m");
    source.start(
        new Sink() {
          @Override
          public void publish(String model, List<Wanted> versions) {
            List<String> names =
                versions.stream().map(w -> w.version() + "=" + name(w.directory())).toList();
            said.add(model + names);
          }

          @Override
          public void unreadable(String model, String reason) {
            said.add(model + ": " + reason);
          }
        });
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private String scan(VersionPolicy policy) {
    source.configure(List.of(new ModelConfig("m", base, "", policy, Map.of())));
    said.clear();
    source.scanOnce();
    assertThat(said).hasSize(1);
    return said.getFirst();
  }

  private void directories(String... names) throws IOException {
    for (String name : names) {
      Files.createDirectories(base.resolve(name));
    }
  }

  private static VersionPolicy specific(Long... versions) {
    return new VersionPolicy.Specific(new TreeSet<>(Set.of(versions)));
  }

  @Test
  void policiesChooseAmongTheVersionsFound() throws IOException {
    directories("1", "2", "10", "9");

    assertThat(scan(VersionPolicy.LATEST)).isEqualTo("m[10=10]");
    assertThat(scan(new VersionPolicy.Latest(2))).isEqualTo("m[9=9, 10=10]");
    assertThat(scan(new VersionPolicy.Latest(99))).isEqualTo("m[1=1, 2=2, 9=9, 10=10]");
    assertThat(scan(new VersionPolicy.All())).isEqualTo("m[1=1, 2=2, 9=9, 10=10]");
    assertThat(scan(specific(2L, 9L, 77L))).isEqualTo("m[2=2, 9=9]");
  }

  @Test
  void namesThatAreNotNumbersAndFilesAreNotVersions() throws IOException {
    directories("00000123", "-1", "+2", "1.0", "v3", "0x5", " 6", "9223372036854775808", "٣");
    Files.writeString(base.resolve("999"), "a file");

    assertThat(scan(new VersionPolicy.All())).isEqualTo("m[123=00000123]");
  }

  @Test
  void ofTwoDirectoriesWithOneNumberTheOneWithoutLeadingZerosCounts() throws IOException {
    directories("007", "7", "0007", "01", "001");

    assertThat(scan(new VersionPolicy.All())).isEqualTo("m[1=01, 7=7]");
  }

  @Test
  void zeroIsAVersion() throws IOException {
    directories("0");
    assertThat(scan(VersionPolicy.LATEST)).isEqualTo("m[0=0]");
  }

  @Test
  void linksToDirectoriesAreVersions() throws IOException {
    Files.createDirectories(root.resolve("store/abc"));
    Files.createDirectories(base);
    Files.createSymbolicLink(base.resolve("5"), root.resolve("store/abc"));
    Files.createSymbolicLink(base.resolve("6"), root.resolve("store/gone"));

    assertThat(scan(new VersionPolicy.All())).isEqualTo("m[5=5]");
  }

  @Test
  void anythingThatKeepsVersionsFromBeingFoundIsSaid() throws IOException {
    assertThat(scan(VersionPolicy.LATEST)).isEqualTo("m: Could not find base path " + base);

    directories("v1");
    assertThat(scan(VersionPolicy.LATEST))
        .isEqualTo(
            "m: No versions of m found under base path "
                + base
                + " (expected: a directory with a number as its name)");

    Files.writeString(base.resolve("saved_model.pb"), "");
    assertThat(scan(VersionPolicy.LATEST)).contains("did you leave out the directory");

    directories("3");
    assertThat(scan(specific(4L)))
        .isEqualTo(
            "m: No wanted version of m found under base path "
                + base
                + ": [3] (expected: Specific[versions=[4]])");
  }

  @Test
  void aBasePathThatIsAFileIsSaid() throws IOException {
    Files.writeString(base, "");
    assertThat(scan(VersionPolicy.LATEST))
        .isEqualTo("m: base path: " + base + " is a file (expected: a directory)");
  }

  @Test
  void afterCloseNothingIsPublished() throws IOException {
    directories("1");
    source.configure(List.of(new ModelConfig("m", base, "", VersionPolicy.LATEST, Map.of())));
    source.close();
    source.scanOnce();
    assertThat(said).isEmpty();
  }

  @Test
  void aSinkThatFailsForOneModelIsToldOfTheOthers() throws IOException {
    directories("1");
    List<String> told = new ArrayList<>();
    FileSystemSource failing = new FileSystemSource(Duration.ofSeconds(-1));
    failing.start((model, versions) -> {
      told.add(model);
      throw new IllegalStateException(model);
    });
    failing.configure(
        List.of(
            new ModelConfig("a", base, "", VersionPolicy.LATEST, Map.of()),
            new ModelConfig("b", base, "", VersionPolicy.LATEST, Map.of())));
    failing.scanOnce();
    assertThat(told).containsExactly("a", "b");
  }

  @Test
  void itIsStartedOnce() {
    assertThatThrownBy(() -> source.start((model, versions) -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  @Timeout(30)
  void itLooksByItselfAgainAndAgain() throws Exception {
    directories("1");
    CountDownLatch seen = new CountDownLatch(3);
    try (FileSystemSource polling = new FileSystemSource(Duration.ofMillis(1))) {
      polling.configure(List.of(new ModelConfig("m", base, "", VersionPolicy.LATEST, Map.of())));
      polling.start((model, versions) -> seen.countDown());
      assertThat(seen.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @Timeout(30)
  void withoutAnIntervalItLooksOnceAfterEachConfiguration() throws Exception {
    directories("1");
    var published = new java.util.concurrent.LinkedBlockingQueue<String>();
    try (FileSystemSource once = new FileSystemSource(Duration.ZERO)) {
      ModelConfig config = new ModelConfig("m", base, "", VersionPolicy.LATEST, Map.of());
      once.start((model, versions) -> published.add(model));
      once.configure(List.of(config));
      assertThat(published.take()).isEqualTo("m");
      once.configure(List.of(config));
      assertThat(published.take()).isEqualTo("m");
    }
    assertThat(published).isEmpty();
  }
}
