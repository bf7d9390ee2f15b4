package io.salver.bench;

import io.salver.batching.RunStatistics;
import io.salver.engine.Batch;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.lifecycle.FileSystemSource;
import io.salver.lifecycle.LifecycleListener;
import io.salver.lifecycle.LifecycleOptions;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelManager;
import io.salver.lifecycle.VersionPolicy;
import io.salver.lifecycle.VersionRunner;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.tensor.Signature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** What it costs to hold a version of a model and to let it go again, among ten models. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseCompactObjectHeaders"})
public class LeaseBenchmark {
  private static final VersionSelector EXACT = new VersionSelector.Exact(1);
  private static final VersionSelector STABLE = new VersionSelector.Labelled("stable");

  private final ModelManager manager =
      new ModelManager(
          LifecycleOptions.DEFAULT.withFileWatching(Duration.ZERO, Duration.ofSeconds(1)),
          List.of(new NothingEngine()),
          (version, model) -> new NothingRunner(),
          List.of(),
          new FileSystemSource(Duration.ZERO),
          LifecycleListener.NONE);

  /** Ten models of one version each. */
  @Setup
  public void start() throws IOException {
    Path root = Files.createTempDirectory("salver-bench");
    List<ModelConfig> models = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Path base = root.resolve("model" + i);
      Files.createDirectories(base.resolve("1"));
      models.add(
          new ModelConfig("model" + i, base, "", VersionPolicy.LATEST, Map.of("stable", 1L)));
    }
    manager.start(List.of());
    Map<String, String> failures = manager.configure(models, Duration.ofSeconds(30));
    if (!failures.isEmpty()) {
      throw new IllegalStateException("not available: " + failures);
    }
  }

  /** Unloads them. */
  @TearDown
  public void stop() {
    manager.close();
  }

  /** The newest version, one thread. */
  @Benchmark
  public void latest(Blackhole sink) {
    leaseAndClose(VersionSelector.LATEST, sink);
  }

  /** A version by its number, one thread. */
  @Benchmark
  public void exact(Blackhole sink) {
    leaseAndClose(EXACT, sink);
  }

  /** A version by its label, one thread. */
  @Benchmark
  public void labelled(Blackhole sink) {
    leaseAndClose(STABLE, sink);
  }

  /** The newest version, two threads that use the same one. */
  @Benchmark
  @Threads(2)
  public void latestContended(Blackhole sink) {
    leaseAndClose(VersionSelector.LATEST, sink);
  }

  /** The lease escapes, as it does in a server, so that it is allocated. */
  private void leaseAndClose(VersionSelector selector, Blackhole sink) {
    try (ModelLease lease = manager.lease("model7", selector)) {
      sink.consume(lease);
    }
  }

  /** Takes any directory for a model that computes nothing. */
  private static final class NothingEngine implements Engine {
    @Override
    public String name() {
      return "nothing";
    }

    @Override
    public Inspection inspect(ModelFiles files) {
      return new Inspection.Ready(0);
    }

    @Override
    public LoadedModel load(ModelFiles files, EngineOptions options) {
      return new NothingModel();
    }

    @Override
    public void close() {}
  }

  private static final class NothingModel implements LoadedModel {
    @Override
    public Map<String, Signature> signatures() {
      return Map.of();
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void run(Batch batch) {}

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private static final class NothingRunner implements VersionRunner {
    @Override
    public void predict(PredictRequest request, Reply reply) {
      reply.succeeded(request);
    }

    @Override
    public RunStatistics statistics() {
      return new RunStatistics();
    }

    @Override
    public void close() {}
  }
}
