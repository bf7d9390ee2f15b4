package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Engine;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The manager's configuration, changed model by model. */
@Timeout(60)
class ModelControlTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final LifecycleOptions OPTIONS =
      LifecycleOptions.DEFAULT.withFileWatching(Duration.ZERO, Duration.ofMillis(5));

  @TempDir Path root;
  private final FakeEngine engine = new FakeEngine("fake");
  private ModelManager manager;

  @BeforeEach
  void start() throws IOException {
    write("other", 1, "ready");
    manager =
        new ModelManager(
            OPTIONS,
            List.<Engine>of(engine),
            InlineRunner::new,
            List.of(),
            new FileSystemSource(Duration.ofMillis(5)),
            new LifecycleListener() {});
    manager.start(List.of());
    assertThat(serve(config("other", VersionPolicy.LATEST))).isEmpty();
  }

  @AfterEach
  void close() {
    manager.lease("other", VersionSelector.LATEST).close();
    manager.close();
    assertThat(engine.loaded()).allMatch(FakeEngine.Model::isClosed);
  }

  private Path write(String model, long version, String content) throws IOException {
    return FakeEngine.write(root.resolve(model).resolve(Long.toString(version)), content);
  }

  private ModelConfig config(String model, VersionPolicy versions) {
    return config(model, model, versions);
  }

  private ModelConfig config(String model, String directory, VersionPolicy versions) {
    return new ModelConfig(model, root.resolve(directory), "", versions, Map.of());
  }

  private Optional<String> serve(ModelConfig model) {
    manager.serve(model);
    return manager.await(model.name(), LIMIT);
  }

  private Set<Long> available(String model) {
    Set<Long> versions = new TreeSet<>();
    for (VersionStatus version : manager.status(model).orElseThrow().versions()) {
      if (version.state() == VersionState.AVAILABLE) {
        versions.add(version.version());
      }
    }
    return versions;
  }

  @Test
  void whenServeReturnsEveryWantedVersionIsAvailable() throws IOException {
    write("m", 1, "ready");
    write("m", 2, "ready");
    write("m", 3, "ready");
    assertThat(manager.configured("m")).isEmpty();

    assertThat(serve(config("m", new VersionPolicy.All()))).isEmpty();
    assertThat(available("m")).containsExactly(1L, 2L, 3L);

    ModelConfig narrower = config("m", new VersionPolicy.Specific(new TreeSet<>(List.of(2L))));
    assertThat(serve(narrower)).isEmpty();
    assertThat(available("m")).contains(2L);
    assertThat(manager.configured("m")).contains(narrower);
  }

  @Test
  void aModelCanMoveToAnotherDirectoryWithoutAGap() throws IOException {
    write("here", 1, "ready");
    write("there", 1, "ready");
    assertThat(serve(config("m", "here", VersionPolicy.LATEST))).isEmpty();
    engine.onLoad(directory -> manager.lease("m", VersionSelector.LATEST).close());

    assertThat(serve(config("m", "there", VersionPolicy.LATEST))).isEmpty();
    assertThat(available("m")).containsExactly(1L);
    assertThat(engine.loaded()).hasSize(3);
  }

  @Test
  void whatFailsIsSaidAfterItsFirstTry() throws IOException {
    write("m", 1, "ready");
    write("m", 2, "broken");
    assertThat(serve(config("m", new VersionPolicy.All())))
        .hasValueSatisfying(
            why -> assertThat(why).startsWith("version 2: ").contains("broken (expected: ready)"));
    assertThat(available("m")).containsExactly(1L);
  }

  @Test
  void aModelWithoutFilesIsSaidToHaveNone() {
    assertThat(serve(config("absent", VersionPolicy.LATEST)))
        .hasValueSatisfying(
            why -> assertThat(why).isEqualTo("Could not find base path " + root.resolve("absent")));
  }

  @Test
  void aFailedModelIsTriedAnewWhenItIsWithdrawnAndServedAgain() throws IOException {
    write("m", 1, "broken");
    ModelConfig config = config("m", VersionPolicy.LATEST);
    assertThat(serve(config)).isPresent();
    assertThat(manager.withdraw("m")).isTrue();
    write("m", 1, "ready");
    assertThat(serve(config)).isEmpty();
  }

  @Test
  void withdrawingTakesAModelFromNewRequestsAndWaitsForNone() throws IOException {
    write("m", 1, "ready");
    ModelConfig config = config("m", VersionPolicy.LATEST);
    assertThat(serve(config)).isEmpty();
    try (ModelLease held = manager.lease("m", VersionSelector.LATEST)) {
      assertThat(manager.withdraw("m")).isTrue();
      assertThatThrownBy(() -> manager.lease("m", VersionSelector.LATEST))
          .hasMessage("Servable not found for request: Latest(m)");
      assertThat(((FakeEngine.Model) held.model()).isClosed()).isFalse();
      assertThat(manager.status("m").orElseThrow().versions().getFirst().state())
          .isEqualTo(VersionState.UNLOADING);
    }
    assertThat(manager.withdraw("m")).isFalse();
    assertThat(manager.withdraw("never configured")).isFalse();
    assertThat(serve(config)).isEmpty();
  }

  @Test
  void waitingForASlowModelHoldsUpNoOtherChange() throws Exception {
    write("slow", 1, "ready");
    write("m", 1, "ready");
    CountDownLatch release = new CountDownLatch(1);
    engine.onLoad(directory -> {
      if (directory.startsWith(root.resolve("slow"))) {
        await(release);
      }
    });
    Thread slow =
        Thread.ofVirtual()
            .start(() -> {
              var unused = serve(config("slow", VersionPolicy.LATEST));
            });
    assertThat(serve(config("m", VersionPolicy.LATEST))).isEmpty();
    assertThat(slow.isAlive()).isTrue();
    release.countDown();
    slow.join();
    assertThat(available("slow")).containsExactly(1L);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void waitingEndsAtTheLimitAndARefusalChangesNothing() throws IOException {
    write("m", 1, "incomplete");
    assertThatThrownBy(
            () -> {
              manager.serve(config("m", VersionPolicy.LATEST));
              var unused = manager.await("m", Duration.ofMillis(30));
            })
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> assertThat(e.category()).isEqualTo(Category.DEADLINE_EXCEEDED));
    ModelConfig other = config("other", VersionPolicy.LATEST);
    ModelConfig wrong =
        new ModelConfig(
            "other", other.basePath(), "fake", other.versions(), Map.of(), false, false);
    assertThatThrownBy(() -> serve(wrong))
        .hasMessageContaining("Illegal to change a model's platform");
    assertThat(manager.configured("other")).contains(other);
  }
}
