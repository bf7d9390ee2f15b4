package io.salver.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows between the rooms of the house. */
class ArchitectureTest {
  private static final String[] CORE = {
    "io.salver.tensor..", "io.salver.model..", "io.salver.predict..", "io.salver.wire.."
  };
  private static final String ENGINE_API = "io.salver.engine";
  private static final String[] RUNTIME = {
    "io.salver.lifecycle..", "io.salver.batching..", "io.salver.cache..", "io.salver.routing.."
  };
  private static final String[] OPS = {
    "io.salver.gate..", "io.salver.endpoint..", "io.salver.control..", "io.salver.cost.."
  };
  private static final String SOURCES = "io.salver.source..";
  private static final String SERVER = "io.salver.server..";
  private static final String CLI = "io.salver.cli..";

  /** Rooms that know nothing of each other: the engines, and what is put around their models. */
  private static final List<String> APART =
      List.of(
          "onnx",
          "tensorflow",
          "tflite",
          "trees",
          "pmml",
          "java",
          "process",
          "torch",
          "opencv",
          "steps",
          "placement");

  private static final String[] ENGINES =
      Stream.concat(APART.stream(), Stream.of("nativelib", "describe"))
          .map(ArchitectureTest::room)
          .toArray(String[]::new);

  private static final String[] PLUGINS = {"io.salver.engine.torch..", "io.salver.engine.opencv.."};

  private static final JavaClasses SALVER =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.salver");

  private static String room(String engine) {
    return "io.salver.engine." + engine + "..";
  }

  @Test
  void theImporterSawTheWholeHouse() {
    assertThat(SALVER.size()).isGreaterThan(150);
    for (String room : new String[] {"tensor", "lifecycle", "engine.onnx", "server.grpc", "cli"}) {
      assertThat(SALVER.containPackage("io.salver." + room)).as(room).isTrue();
    }
  }

  @Test
  void coreKnowsTheJdkAndJSpecifyOnly() {
    classes()
        .that()
        .resideInAnyPackage(CORE)
        .or()
        .resideInAPackage(ENGINE_API)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.jspecify..",
            "io.salver.tensor..",
            "io.salver.model..",
            "io.salver.predict..",
            "io.salver.wire..",
            ENGINE_API)
        .check(SALVER);
  }

  @Test
  void runtimeKnowsCoreOnly() {
    noClasses()
        .that()
        .resideInAnyPackage(RUNTIME)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            concat(ENGINES, SERVER, CLI, SOURCES, "io.netty..", "com.google.protobuf.."))
        .check(SALVER);
    noClasses()
        .that()
        .resideInAnyPackage(RUNTIME)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(OPS)
        .check(SALVER);
  }

  /** The clients of stores stay in one room, so that they are loaded when it is entered. */
  @Test
  void sourcesKnowRuntimeAndCoreOnlyAndKeepTheirClientsToThemselves() {
    classes()
        .that()
        .resideInAPackage(SOURCES)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            concat(
                CORE,
                ENGINE_API,
                "io.salver.lifecycle..",
                SOURCES,
                "software.amazon.awssdk..",
                "org.jspecify..",
                "java.."))
        .check(SALVER);
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.salver.source.S3Store")
        .and()
        .haveNameNotMatching("io\\.salver\\.source\\.S3Store\\$.*")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("software.amazon.awssdk..")
        .check(SALVER);
    noClasses()
        .that()
        .resideInAnyPackage(concat(OPS, SERVER))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SOURCES)
        .check(SALVER);
  }

  @Test
  void opsKnowRuntimeAndCoreOnly() {
    noClasses()
        .that()
        .resideInAnyPackage(OPS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(concat(ENGINES, SERVER, CLI, "io.netty..", "com.google.protobuf.."))
        .check(SALVER);
  }

  @Test
  void enginesKnowCoreAndEachOtherNot() {
    noClasses()
        .that()
        .resideInAnyPackage(ENGINES)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(concat(RUNTIME, SERVER, CLI, "io.netty..", "com.google.protobuf.."))
        .check(SALVER);
    for (String engine : APART) {
      String[] others =
          APART.stream()
              .filter(other -> !other.equals(engine))
              .map(ArchitectureTest::room)
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(room(engine))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .check(SALVER);
    }
  }

  @Test
  void workersBehindGrpcKnowCoreAndTheProcessEngineOnly() {
    classes()
        .that()
        .resideInAPackage("io.salver.engine.oip..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            concat(
                CORE,
                ENGINE_API,
                "io.salver.engine.process..",
                "io.salver.engine.oip..",
                "io.netty..",
                "org.jspecify..",
                "java.."))
        .check(SALVER);
  }

  @Test
  void theServerKnowsNoEngineByName() {
    noClasses()
        .that()
        .resideInAPackage(SERVER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(concat(ENGINES, CLI))
        .check(SALVER);
  }

  /** The plug-ins are found by their services: nobody may know them by name. */
  @Test
  void nobodyKnowsAPlugin() {
    noClasses()
        .that()
        .resideOutsideOfPackages(PLUGINS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(PLUGINS)
        .check(SALVER);
  }

  @Test
  void noVendorsJavaInterfaceIsUsedButByPlugins() {
    noClasses()
        .that()
        .resideInAPackage("io.salver..")
        .and()
        .resideOutsideOfPackages(PLUGINS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.onnxruntime..", "org.tensorflow..", "org.bytedeco..")
        .check(SALVER);
  }

  @Test
  void theDataPlaneHasNoThreadLocalsAndDoesNotReflect() {
    noClasses()
        .that()
        .resideInAnyPackage(concat(concat(CORE, RUNTIME), SERVER, ENGINE_API))
        .and()
        .resideOutsideOfPackage("..proto..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ThreadLocal.class)
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.reflect")
        .check(SALVER);
  }

  private static String[] concat(String[] some, String... more) {
    String[] all = java.util.Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }
}
