package io.salver.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The threads that follow models in stores. */
@Timeout(60)
class StoreSourceTest {
  private static final byte[] CONTENT = "graph".getBytes(StandardCharsets.UTF_8);

  @TempDir Path temporary;
  private final RecordingSink sink = new RecordingSink();
  private FileServer server;
  private FileServer slow;
  private ModelSources source;

  @BeforeEach
  void setUp() throws IOException {
    server = serving();
    slow = serving();
    source = source();
  }

  private static FileServer serving() throws IOException {
    FileServer server = new FileServer();
    server.put("1/model.onnx", CONTENT);
    server.list("1/model.onnx");
    return server;
  }

  private ModelSources source() {
    return source(Duration.ofMillis(20));
  }

  private ModelSources source(Duration poll) {
    return new ModelSources(
        Duration.ofMillis(20),
        new StoreOptions(
            temporary.resolve("cache"),
            Long.MAX_VALUE,
            poll,
            Duration.ZERO,
            1 << 20,
            2,
            S3Options.DEFAULT,
            HttpOptions.DEFAULT));
  }

  @AfterEach
  void tearDown() {
    source.close();
    server.close();
    slow.close();
  }

  private static ModelConfig model(String name, FileServer server) {
    return new ModelConfig(
        name, new BasePath.Remote(server.base()), "", VersionPolicy.LATEST, Map.of(), false, false);
  }

  private void awaitSaid(String text) throws InterruptedException {
    while (!sink.await().equals(text)) {
      // Other things are said meanwhile.
    }
  }

  @Test
  void modelsInDirectoriesAndInStoresAreFollowedSideBySide() throws Exception {
    Path here = Files.createDirectories(temporary.resolve("here/3")).getParent();
    source.configure(
        List.of(
            model("there", server),
            new ModelConfig("here", here, "", VersionPolicy.LATEST, Map.of())));
    source.spare(_ -> false);
    source.start(sink);
    Set<String> said = new java.util.HashSet<>();
    while (said.size() < 2) {
      said.add(sink.await());
    }
    assertThat(said).containsExactlyInAnyOrder("there [1]", "here [3]");
    assertThat(source.versions(model("there", server))).containsExactly(1L);
  }

  @Test
  void aNewVersionIsFoundAndAnOldOneGoes() throws Exception {
    source.spare(_ -> false);
    source.start(sink);
    source.configure(List.of(model("m", server)));
    awaitSaid("m [1]");
    Path first = sink.directory(1);
    server.put("2/model.onnx", CONTENT);
    server.list("2/model.onnx");
    awaitSaid("m [2]");
    // The look that follows this publication deletes first.
    awaitSaid("m [2]");
    assertThat(first).doesNotExist();
  }

  @Test
  void oneThatHangsHoldsUpNoOther() throws Exception {
    slow.hang();
    source.start(sink);
    source.configure(List.of(model("slow", slow), model("m", server)));
    for (int i = 0; i < 5; i++) {
      assertThat(sink.await()).isEqualTo("m [1]");
    }
  }

  @Test
  void aModelThatIsNotConfiguredAnyMoreIsSilentAndLeavesNothing() throws Exception {
    source.spare(_ -> false);
    source.start(sink);
    source.configure(List.of(model("gone", slow), model("m", server)));
    awaitSaid("gone [1]");
    Path directory = sink.directory(1);
    source.configure(List.of(model("m", server)));
    List<String> unused = sink.take();
    for (int i = 0; i < 5; i++) {
      assertThat(sink.await()).isEqualTo("m [1]");
    }
    while (Files.exists(directory)) {
      assertThat(sink.await()).isEqualTo("m [1]");
    }
  }

  @Test
  void whatFormerServersLeftOfOtherModelsIsDeleted() throws Exception {
    source.start(sink);
    source.configure(List.of(model("former", slow)));
    awaitSaid("former [1]");
    Path directory = sink.directory(1);
    source.close();
    source = source();
    source.start(sink);
    source.configure(List.of(model("m", server)));
    awaitSaid("m [1]");
    assertThat(directory).doesNotExist();
  }

  private static ModelConfig onDemand(FileServer server, VersionPolicy versions) {
    return new ModelConfig(
        "m", new BasePath.Remote(server.base()), "", versions, Map.of(), true, false);
  }

  @Test
  void aModelOnDemandIsLookedAtRarelyOnlyOnceItHasBeenFound() throws Exception {
    source.attend(name -> {
      sink.unreadable(name, "waits");
      return false;
    });
    source.start(sink);
    server.fail("SHA256SUMS", 500);
    source.configure(List.of(onDemand(server, VersionPolicy.LATEST)));
    assertThat(sink.await()).contains("status 500");
    server.fail("SHA256SUMS", 0);
    assertThat(sink.await()).isEqualTo("m [1]");
    assertThat(sink.await()).isEqualTo("m: waits");
  }

  @Test
  void anotherConfigurationIsLookedAtWhateverItInterrupted() throws Exception {
    source.close();
    source = source(Duration.ofHours(1));
    server.put("2/model.onnx", CONTENT);
    server.list("1/model.onnx", "2/model.onnx");
    source.attend(_ -> false);
    source.start(sink);
    for (int i = 0; i < 10; i++) {
      source.configure(List.of(onDemand(server, VersionPolicy.LATEST)));
      awaitSaid("m [2]");
      source.configure(
          List.of(onDemand(server, new VersionPolicy.Specific(new TreeSet<>(Set.of(1L))))));
      awaitSaid("m [1]");
    }
  }

  @Test
  void nothingIsSaidAfterClose() throws Exception {
    slow.hang();
    source.start(sink);
    source.configure(List.of(model("slow", slow), model("m", server)));
    awaitSaid("m [1]");
    source.close();
    List<String> unused = sink.take();
    source.configure(List.of(model("slow", slow), model("m", server)));
    assertThat(sink.take()).isEmpty();
  }
}
