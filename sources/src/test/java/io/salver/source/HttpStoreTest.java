package io.salver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.lifecycle.VersionPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model behind a web server that is a fake and breaks when it is told to. */
@Timeout(60)
class HttpStoreTest {
  private static final byte[] SMALL = "graph".getBytes(StandardCharsets.UTF_8);

  @TempDir Path temporary;
  private final byte[] large = new byte[300_000];
  private FileServer server;
  private StoreRig rig;

  @BeforeEach
  void setUp() throws IOException {
    new Random(5).nextBytes(large);
    server = new FileServer();
    rig = new StoreRig(server.base(), temporary.resolve("cache"));
    server.put("1/model.onnx", large);
    server.put("1/assets/a b.txt", SMALL);
    server.list("1/model.onnx", "1/assets/a b.txt");
  }

  @AfterEach
  void tearDown() {
    rig.close();
    server.close();
  }

  private void assertServes(long version, byte[] content) throws IOException {
    Path directory = rig.sink.directory(version);
    assertThat(directory.getFileName()).hasToString(Long.toString(version));
    assertThat(directory.resolve("model.onnx")).hasBinaryContent(content);
  }

  private String only(List<String> said) {
    assertThat(said).hasSize(1);
    return said.getFirst();
  }

  @Test
  void aVersionIsPublishedWithAllItsFiles() throws Exception {
    assertThat(rig.look()).containsExactly("m [1]");
    assertServes(1, large);
    assertThat(rig.sink.directory(1).resolve("assets/a b.txt")).hasBinaryContent(SMALL);
    assertThat(rig.pause()).isEqualTo(StoreRig.POLL);
  }

  @Test
  void whatIsUnchangedIsNotReadAgain() throws Exception {
    rig.look();
    server.requests().clear();
    assertThat(rig.look()).containsExactly("m [1]");
    assertThat(server.requests()).containsExactly("SHA256SUMS");
    rig.restart();
    server.requests().clear();
    assertThat(rig.look()).containsExactly("m [1]");
    assertThat(server.requests()).containsExactly("SHA256SUMS");
  }

  @Test
  void onlyWantedVersionsAreDownloaded() throws Exception {
    server.put("2/model.onnx", SMALL);
    server.put("10/model.onnx", large);
    server.list("1/model.onnx", "2/model.onnx", "10/model.onnx");
    assertThat(rig.look()).containsExactly("m [10]");
    assertThat(server.requests()).containsExactly("SHA256SUMS", "10/model.onnx");
    rig.policy(new VersionPolicy.Specific(new TreeSet<>(Set.of(1L, 2L))));
    assertThat(rig.look()).containsExactly("m [1, 2]");
  }

  @Test
  void aVersionThatGoesIsDeletedOnceNothingUsesIt() throws Exception {
    rig.look();
    Path first = rig.sink.directory(1);
    rig.inUse.add(first);
    server.put("2/model.onnx", SMALL);
    server.list("2/model.onnx");
    assertThat(rig.look()).containsExactly("m [2]");
    assertThat(first).isDirectory();
    rig.inUse.clear();
    rig.look();
    assertThat(first).doesNotExist();
    assertThat(rig.cached()).hasSize(1);
  }

  @Test
  void ifAllVersionsGoTheLastStays() throws Exception {
    rig.look();
    server.put("SHA256SUMS", new byte[0]);
    assertThat(only(rig.look()))
        .startsWith("m: No versions of m found under base path " + server.base());
    assertServes(1, large);
  }

  @Test
  void aModelThatIsNotServedAnyMoreLeavesNothing() throws Exception {
    rig.look();
    rig.inUse.add(rig.sink.directory(1));
    assertThat(rig.leave()).isFalse();
    assertServes(1, large);
    rig.inUse.clear();
    assertThat(rig.leave()).isTrue();
    assertThat(rig.cached()).isEmpty();
  }

  @Test
  void otherContentUnderTheSameNumberIsAnotherDirectory() throws Exception {
    rig.look();
    Path before = rig.sink.directory(1);
    server.put("1/model.onnx", SMALL);
    server.list("1/model.onnx");
    rig.look();
    assertServes(1, SMALL);
    assertThat(rig.sink.directory(1)).isNotEqualTo(before);
  }

  // --- broken connections ---

  @Test
  void aDownloadThatBreaksOffGoesOnWhereItWas() throws Exception {
    server.cutOnce("1/model.onnx", 200_000);
    assertThat(rig.look()).containsExactly("m [1]");
    assertServes(1, large);
    assertWentOn();
  }

  /** What was under way when the connection broke may be lost, but not what had come. */
  private void assertWentOn() {
    assertThat(server.requests())
        .filteredOn(request -> request.startsWith("1/model.onnx bytes="))
        .singleElement()
        .asString()
        .matches("1/model.onnx bytes=[1-9]\\d{4,5}-");
  }

  @Test
  void aDownloadGoesOnInAnotherProcess() throws Exception {
    server.cutOnce("1/model.onnx", 200_000);
    cutThenFail();
    rig.restart();
    server.fail("1/model.onnx", 0);
    server.requests().clear();
    assertThat(rig.look()).containsExactly("m [1]");
    assertServes(1, large);
    assertWentOn();
    assertThat(server.requests()).doesNotContain("1/model.onnx");
  }

  /** The first connection breaks off; then the server is overloaded. */
  private void cutThenFail() throws InterruptedException {
    server.failAfterCut("1/model.onnx", 503);
    assertThat(only(rig.look()))
        .isEqualTo(
            "m: version 1 was not downloaded: "
                + server.base()
                + "/1/model.onnx: status 503 (expected: 200)");
  }

  @Test
  void whatChangedMeanwhileIsReadFromItsBeginning() throws Exception {
    server.cutOnce("1/model.onnx", 200_000);
    cutThenFail();
    server.fail("1/model.onnx", 0);
    byte[] other = large.clone();
    other[0]++;
    server.put("1/model.onnx", other);
    // What is listed is the old content: the tag says that it is gone.
    assertThat(only(rig.look())).contains("changed while it was read");
    server.list("1/model.onnx");
    assertThat(rig.look()).containsExactly("m [1]");
    assertServes(1, other);
  }

  @Test
  void aServerWithoutRangesOrTagsSendsItAllAgain() throws Exception {
    server.withoutRanges();
    server.cutOnce("1/model.onnx", 200_000);
    assertThat(rig.look()).containsExactly("m [1]");
    assertServes(1, large);

    server.withoutTags();
    server.put("2/model.onnx", large);
    server.list("2/model.onnx");
    server.cutOnce("2/model.onnx", 100_000);
    assertThat(rig.look()).containsExactly("m [2]");
    assertServes(2, large);
  }

  @Test
  void aServerThatFallsSilentIsGivenUp() throws Exception {
    rig.stallLimit(Duration.ofMillis(100));
    server.hang();
    assertThat(only(rig.look())).contains(": nothing came for 100 ms");
  }

  // --- wrong content ---

  @Test
  void aWrongChecksumIsNeverServedAndNotTriedForEver() throws Exception {
    rig.look();
    server.put("2/model.onnx", large);
    server.list("1/model.onnx", "1/assets/a b.txt", "2/model.onnx");
    byte[] flipped = large.clone();
    flipped[299_999] ^= 1;
    server.put("2/model.onnx", flipped);
    for (int i = 0; i < 5; i++) {
      assertThat(only(rig.look()))
          .startsWith(
              "m: version 2 was not downloaded: " + server.base() + "/2/model.onnx: SHA-256 ")
          .contains("(expected: " + FileServer.sha256(large) + ")")
          .endsWith("; what was downloaded before is served: versions [1]");
    }
    assertServes(1, large);
    assertThat(server.requests()).filteredOn("2/model.onnx"::equals).hasSize(3);
    server.list("1/model.onnx", "1/assets/a b.txt", "2/model.onnx");
    assertThat(rig.look()).containsExactly("m [2]");
  }

  @Test
  void aVersionThatIsTooLargeIsRefusedBeforeItComes() throws Exception {
    rig.maxVersionBytes(1 << 16);
    assertThat(only(rig.look()))
        .contains("the version has more than 64.0 KiB (expected: at most stores.max_version_size)");
    assertThat(rig.cached()).filteredOn(file -> file.contains("model.onnx")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1/../../../etc/passwd",
        "1//etc/passwd",
        "1/a/./b",
        "1/a\\b",
        "1/a\tb",
        "1/..",
        "1/a/"
      })
  void namesThatLeadElsewhereAreRefused(String path) throws Exception {
    String line = "0".repeat(64) + "  " + path + "\n";
    server.put("SHA256SUMS", line.getBytes(StandardCharsets.UTF_8));
    assertThat(only(rig.look()))
        .contains("version 1 of " + server.base() + " was not taken: path \"")
        .contains("(expected: names without .., parted by /)");
    assertThat(server.requests()).containsExactly("SHA256SUMS");
    assertThat(rig.cached()).isEmpty();
  }

  @Test
  void namesThatCollideAreRefused() throws Exception {
    String line = "0".repeat(64) + "  ";
    for (String pair : List.of("1/a 1/A", "1/a 1/a/b")) {
      String[] paths = pair.split(" ");
      String list = line + paths[0] + "\n" + line + paths[1] + "\n";
      server.put("SHA256SUMS", list.getBytes(StandardCharsets.UTF_8));
      assertThat(only(rig.look())).contains("was not taken: path \"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          <html>moved</html>|line 1: <html>moved</html> (expected: a SHA-256
          SHA256 (1/a) = 00|line 1: SHA256 (1/a) = 00 (expected: a SHA-256
          """)
  void aListThatIsNoneIsRefused(String text, String reason) throws Exception {
    server.put("SHA256SUMS", text.getBytes(StandardCharsets.UTF_8));
    assertThat(only(rig.look())).contains("/m/SHA256SUMS: " + reason);
  }

  @Test
  void aFileThatIsListedTwiceIsRefused() throws Exception {
    String line = "0".repeat(64) + "  1/a\n";
    server.put("SHA256SUMS", (line + line).getBytes(StandardCharsets.UTF_8));
    assertThat(only(rig.look())).contains("line 2: 1/a (expected: once)");
  }

  // --- servers that refuse, or are not there ---

  @ParameterizedTest
  @CsvSource({"403, may the server read it?", "404, is it there?", "500, expected: 200"})
  void aStatusIsSaidOnceAndForAll(int status, String hint) throws Exception {
    server.fail("SHA256SUMS", status);
    String said = only(rig.look());
    assertThat(said)
        .startsWith("m: " + server.base() + "/SHA256SUMS: status " + status)
        .contains(hint);
    assertThat(rig.look()).containsExactly(said);
  }

  @Test
  void failuresAreTriedAgainEverMoreRarely() throws Exception {
    server.fail("SHA256SUMS", 500);
    Duration last = Duration.ZERO;
    for (int i = 0; i < 5; i++) {
      rig.look();
      assertThat(rig.pause()).isGreaterThan(last);
      last = rig.pause();
    }
    for (int i = 0; i < 50; i++) {
      rig.look();
    }
    assertThat(rig.pause()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(6));
    server.fail("SHA256SUMS", 0);
    rig.look();
    assertThat(rig.pause()).isEqualTo(StoreRig.POLL);
  }

  @Test
  void withoutItsStoreAServerServesWhatItsCacheHas() throws Exception {
    rig.look();
    server.close();
    assertThat(only(rig.look())).endsWith("; what was downloaded before is served: versions [1]");
    rig.restart();
    List<String> said = rig.look();
    assertThat(said).hasSize(2);
    assertThat(said.get(0)).isEqualTo("m [1]");
    assertThat(said.get(1))
        .startsWith("m: " + server.base() + "/SHA256SUMS: no connection")
        .endsWith("; what was downloaded before is served: versions [1]");
    assertServes(1, large);
    assertThat(rig.look()).hasSize(1);
  }

  @Test
  void withoutItsStoreAndACacheItSaysSo() throws Exception {
    server.close();
    assertThat(only(rig.look())).startsWith("m: " + server.base() + "/SHA256SUMS: no connection");
  }

  @Test
  void aHostThatIsNotKnownIsNamed() throws Exception {
    URI nowhere = URI.create("http://models.invalid/m");
    try (StoreRig other = new StoreRig(nowhere, temporary.resolve("other"))) {
      assertThat(only(other.look()))
          .isEqualTo("m: http://models.invalid/m/SHA256SUMS: the host's name is not known");
    }
  }

  @Test
  void aTokenIsReadFromItsFileAndNeverShown() throws Exception {
    server.requireToken("key-1");
    assertThat(only(rig.look())).contains("status 401");
    Path file = Files.writeString(temporary.resolve("token"), "key-1\n");
    HttpOptions options = new HttpOptions(Map.of("http://127.0.0.1", file));
    try (HttpStore store = new HttpStore(options)) {
      assertThat(store.list(server.base()).versions()).containsKey(1L);
      Files.writeString(file, "key-2\nkey-3");
      assertThatThrownBy(() -> store.list(server.base()))
          .isInstanceOf(StoreException.class)
          .hasMessage(
              "stores.http.bearer_token_files: " + file + " cannot be used (expected: a token)");
    }
  }

  @Test
  void aTokenForAHostIsNotSentInClear() throws Exception {
    server.requireToken("key-1");
    Path file = Files.writeString(temporary.resolve("token"), "key-1");
    try (HttpStore store = new HttpStore(new HttpOptions(Map.of("127.0.0.1", file)))) {
      assertThatThrownBy(() -> store.list(server.base())).hasMessageContaining("status 401");
    }
  }

  @Test
  void aHostThatIsNoneIsRefused() {
    try (HttpStore store = new HttpStore(HttpOptions.DEFAULT)) {
      assertThatThrownBy(() -> store.list(URI.create("http://model_store:8080/m")))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith("http://model_store:8080/m/SHA256SUMS: cannot be asked: ");
    }
  }

  // --- the cache ---

  @Test
  void aFullDiskIsAClearErrorAndLeavesNothing() throws Exception {
    rig.usableBytes((64 << 20) + 250_000);
    assertThat(only(rig.look()))
        .contains("stores.cache: the disk of " + temporary.resolve("cache") + " is full");
    assertThat(rig.cached()).filteredOn(file -> file.contains("model.onnx")).isEmpty();
    rig.usableBytes(Long.MAX_VALUE);
    assertThat(rig.look()).containsExactly("m [1]");
  }

  @Test
  void theCacheIsBounded() throws Exception {
    rig.cacheBytes(400_000);
    rig.look();
    server.put("2/model.onnx", large);
    server.list("2/model.onnx");
    rig.inUse.add(rig.sink.directory(1));
    assertThat(only(rig.look()))
        .contains("stores.cache_size: 390.6 KiB does not hold 293.0 KiB more");
    assertServes(1, large);
  }

  @Test
  void theCacheIsBoundedWhereNoSizeIsSaid() throws Exception {
    server.withoutLengths();
    rig.cacheBytes(200_000);
    assertThat(only(rig.look())).contains("stores.cache_size: 195.3 KiB does not hold ");
    assertThat(rig.cached()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatHasNoRoomIsNotDownloadedAgainUntilItHas(boolean bySize) throws Exception {
    if (bySize) {
      rig.maxVersionBytes(200_000);
    } else {
      rig.usableBytes((64 << 20) + 200_000);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(only(rig.look())).startsWith("m: version 1 was not downloaded: ");
    }
    assertThat(server.requests())
        .filteredOn(request -> !request.equals("SHA256SUMS"))
        .containsExactly("1/assets/a b.txt", "1/model.onnx");
    if (bySize) {
      rig.maxVersionBytes(1 << 20);
    } else {
      rig.usableBytes(Long.MAX_VALUE);
    }
    assertThat(rig.look()).containsExactly("m [1]");
  }

  @Test
  void whatHasComeOfAVersionStaysADayWhenItIsNotWanted() throws Exception {
    rig.clock.setWall(java.time.Instant.now());
    server.put("2/model.onnx", SMALL);
    server.list("1/model.onnx", "2/model.onnx");
    rig.policy(new VersionPolicy.Specific(new TreeSet<>(Set.of(1L))));
    server.cutOnce("1/model.onnx", 200_000);
    cutThenFail();
    server.fail("1/model.onnx", 0);
    server.requests().clear();
    rig.policy(VersionPolicy.LATEST);
    assertThat(rig.look()).containsExactly("m [2]");
    rig.clock.advance(Duration.ofHours(23));
    assertThat(rig.look()).containsExactly("m [2]");
    rig.policy(new VersionPolicy.Specific(new TreeSet<>(Set.of(1L))));
    assertThat(rig.look()).containsExactly("m [1]");
    assertWentOn();
  }

  @Test
  void whatHasComeOfAVersionGoesAfterADayOrWhenRoomIsNeeded() throws Exception {
    rig.clock.setWall(java.time.Instant.now());
    server.put("2/model.onnx", SMALL);
    server.put("3/model.onnx", large);
    server.list("1/model.onnx", "2/model.onnx", "3/model.onnx");
    rig.policy(new VersionPolicy.Specific(new TreeSet<>(Set.of(1L))));
    server.cutOnce("1/model.onnx", 200_000);
    cutThenFail();
    rig.policy(new VersionPolicy.Specific(new TreeSet<>(Set.of(2L))));
    rig.look();
    assertThat(rig.cached()).anyMatch(file -> file.contains("partial"));
    rig.clock.advance(Duration.ofHours(25));
    rig.look();
    assertThat(rig.cached()).noneMatch(file -> file.contains("partial"));

    rig.clock.setWall(java.time.Instant.now());
    rig.policy(new VersionPolicy.Specific(new TreeSet<>(Set.of(1L))));
    server.fail("1/model.onnx", 0);
    server.cutOnce("1/model.onnx", 200_000);
    server.failAfterCut("1/model.onnx", 503);
    rig.look();
    rig.cacheBytes(400_000);
    rig.policy(new VersionPolicy.Specific(new TreeSet<>(Set.of(3L))));
    assertThat(rig.look()).containsExactly("m [3]");
  }

  @ParameterizedTest
  @ValueSource(longs = {300_000, -1})
  void aFileThatIsWholeButNotVerifiedIsNotReadAgain(long totalBytes) throws Exception {
    server.cutOnce("1/model.onnx", 200_000);
    cutThenFail();
    server.fail("1/model.onnx", 0);
    Path model = rig.partial("files/model.onnx");
    Path progress =
        model
            .getParent()
            .resolveSibling("progress")
            .resolve(StoredVersion.fingerprint("model.onnx"));
    Progress before = Progress.read(progress).orElseThrow();
    new Progress(false, 300_000, totalBytes, before.tag()).write(progress);
    Files.write(model, large);
    server.requests().clear();
    assertThat(rig.look()).containsExactly("m [1]");
    assertServes(1, large);
    assertThat(server.requests()).doesNotContain("1/model.onnx");
  }

  @Test
  void aDirectoryWithOtherThingsInItIsNoCache() throws Exception {
    Path other = Files.createDirectories(temporary.resolve("home"));
    Files.writeString(other.resolve("thesis.txt"), "mine");
    try (StoreRig wrong = new StoreRig(server.base(), other)) {
      assertThat(only(wrong.look())).contains(other + " has other files in it");
    }
    assertThat(other.resolve("thesis.txt")).exists();
  }

  @Test
  void twoServersDoNotShareACache() throws Exception {
    rig.look();
    try (StoreRig second = new StoreRig(server.base(), temporary.resolve("cache"))) {
      assertThat(only(second.look())).contains("is in use by another server");
    }
  }

  @Test
  void halfAVersionIsNeverTakenForAWholeOne() throws Exception {
    server.cutOnce("1/model.onnx", 200_000);
    cutThenFail();
    server.close();
    rig.restart();
    assertThat(only(rig.look())).contains("no connection");
  }
}
