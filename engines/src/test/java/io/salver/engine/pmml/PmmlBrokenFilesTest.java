package io.salver.engine.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are cut short, hostile, or have what is not supported. */
class PmmlBrokenFilesTest {
  private static final int DOCUMENTS = 60;
  private static final int TRIES = 20;

  private static final String MODEL =
      """
      <PMML version="4.3" xmlns="http://www.dmg.org/PMML-4_3">
      <DataDictionary>
      <DataField name="x" optype="continuous" dataType="double"/>
      <DataField name="c" optype="categorical" dataType="string"/>
      </DataDictionary>
      <TransformationDictionary>
      <DefineFunction name="f" optype="continuous">
      <ParameterField name="p"/>
      <Apply function="+"><FieldRef field="p"/><FieldRef field="p"/></Apply>
      </DefineFunction>
      <DerivedField name="d" optype="continuous" dataType="double">
      <Apply function="f"><FieldRef field="x"/></Apply>
      </DerivedField>
      </TransformationDictionary>
      <RegressionModel functionName="regression">
      <MiningSchema><MiningField name="x"/><MiningField name="c"/></MiningSchema>
      <RegressionTable intercept="1">
      <NumericPredictor name="d" coefficient="3"/>
      </RegressionTable>
      </RegressionModel>
      </PMML>
      """;

  @TempDir Path temporary;

  @Test
  void theWholeFileIsDescribed() throws Exception {
    Files.writeString(temporary.resolve("model.pmml"), MODEL);
    assertThat(new PmmlEngine().describe(new ModelFiles(temporary)))
        .containsExactly(
            Map.entry("version", "PMML 4.3"),
            Map.entry("model", "RegressionModel for regression"),
            Map.entry("elements", "DataField x 2, DerivedField, RegressionTable"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "version=\"4.3\" | version=\"5.0\" | line 1: <PMML>: version: \"5.0\" (expected: 3.2 to 4.4)",
        "dataType=\"double\"/> | dataType=\"date\"/> | line 3: <DataField>: dataType: \"date\"",
        "name=\"d\" coefficient=\"3\" | name=\"e\" coefficient=\"3\" | line 18: <NumericPredictor>: field \"e\"",
        "name=\"d\" coefficient=\"3\" | name=\"c\" coefficient=\"3\" | line 18: <NumericPredictor>: field \"c\": a string",
        "coefficient=\"3\" | coefficient=\"three\" | line 18: <NumericPredictor>: coefficient: \"three\"",
        "coefficient=\"3\" | beta=\"3\" | line 18: <NumericPredictor>: no attribute coefficient",
        "function=\"+\" | function=\"formatDatetime\" | function: \"formatDatetime\"",
        "function=\"+\" | function=\"f\" | line 9: <Apply>: 2 arguments (expected: 1)",
        "<FieldRef field=\"x\"/> | <FieldRef field=\"d\"/> | field \"d\" needs itself",
        "<FieldRef field=\"x\"/> | <TextIndex field=\"x\"/> | <TextIndex>: is not supported",
        "<RegressionTable | <Node/><RegressionTable | <Node>: is not supported in <RegressionModel>",
        "functionName=\"regression\" | functionName=\"clustering\" | functionName: \"clustering\"",
        "functionName=\"regression\" | functionName=\"regression\" isScorable=\"false\" | isScorable: false",
        "<MiningField name=\"x\"/> | <MiningField name=\"z\"/> | name: \"z\" (expected: a field of the data",
        "</PMML> | <TreeModel/></PMML> | <TreeModel>: a second model",
        "<PMML | <!DOCTYPE PMML><PMML | a document type (expected: none)",
      })
  void whatIsWrongIsToldWithLineAndElement(String old, String changed, String message) {
    assertThat(MODEL).contains(old);
    String pmml = MODEL.replaceFirst(java.util.regex.Pattern.quote(old), changed);
    assertThatThrownBy(() -> PmmlRuns.load(temporary, pmml))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("model.pmml: ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "SupportVectorMachineModel",
    "NearestNeighborModel",
    "AssociationModel",
    "RuleSetModel",
    "BayesianNetworkModel",
    "TimeSeriesModel",
    "GaussianProcessModel"
  })
  void modelsThatAreNotSupportedAreRefusedByName(String name) {
    String pmml = MODEL.replace("RegressionModel", name);
    assertThatThrownBy(() -> PmmlRuns.load(temporary, pmml))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("line 15: <" + name + ">: is not supported (expected: TreeModel,");
  }

  @Test
  void entitiesReadNoFileAndDoNotMultiply() throws Exception {
    Path secret = Files.writeString(temporary.resolve("secret"), "7");
    StringBuilder laughs = new StringBuilder("<!ENTITY a0 \"1\">");
    for (int i = 1; i < 30; i++) {
      laughs.append("<!ENTITY a%d \"&a%d;&a%d;\">".formatted(i, i - 1, i - 1));
    }
    for (String entity :
        new String[] {"<!ENTITY a29 SYSTEM \"" + secret.toUri() + "\">", laughs.toString()}) {
      String pmml =
          "<?xml version=\"1.0\"?><!DOCTYPE PMML ["
              + entity
              + "]>"
              + MODEL.replace("intercept=\"1\"", "intercept=\"&a29;\"");
      assertThatThrownBy(() -> PmmlRuns.load(temporary, pmml))
          .isInstanceOf(ModelLoadException.class)
          .hasMessageContaining("a document type (expected: none)");
    }
    assertThatThrownBy(
            () -> PmmlRuns.load(temporary, MODEL.replace("intercept=\"1\"", "intercept=\"&a;\"")))
        .isInstanceOf(ModelLoadException.class);
  }

  @Test
  void deepNestingIsRefusedBeforeTheStackEnds() {
    String pmml =
        MODEL.replace("<FieldRef field=\"x\"/>", "<Apply function=\"+\">".repeat(100_000));
    assertThatThrownBy(() -> PmmlRuns.load(temporary, pmml))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("elements nested deeper than 1024");
  }

  @Test
  void nestingThatIsAllowedLoadsAndRuns() throws Exception {
    String deep =
        "<Apply function=\"abs\">".repeat(900) + "<FieldRef field=\"x\"/>" + "</Apply>".repeat(900);
    try (LoadedModel model =
        PmmlRuns.load(temporary, MODEL.replace("<FieldRef field=\"x\"/>", deep))) {
      assertThat(PmmlRuns.run(model, List.of(Map.of("x", -2.0))).getFirst())
          .containsEntry("predictedValue", 13.0);
    }
  }

  @Test
  void aLargeFileLoads() throws Exception {
    String node =
        "<Node id=\"n\" score=\"%d\"><SimplePredicate field=\"x\" operator=\"equal\" value=\"%d\"/></Node>";
    StringBuilder nodes = new StringBuilder("<Node id=\"0\" score=\"-1\"><True/>");
    for (int i = 0; i < 200_000; i++) {
      nodes.append(node.formatted(i, i));
    }
    String pmml =
        MODEL
            .replaceFirst("(?s)<RegressionTable.*</RegressionTable>", nodes + "</Node>")
            .replace("RegressionModel", "TreeModel");
    try (LoadedModel model = PmmlRuns.load(temporary, pmml)) {
      assertThat(PmmlRuns.run(model, List.of(Map.of("x", 199_999.0))).getFirst())
          .containsEntry("predictedValue", 199_999.0);
    }
  }

  @Test
  void functionsThatCallThemselvesOrMultiplyAreRefused() {
    String self = MODEL.replace("function=\"+\"><FieldRef field=\"p\"/>", "function=\"f\">");
    assertThatThrownBy(() -> PmmlRuns.load(temporary, self))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("need each other in a chain");
    StringBuilder functions = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String inner =
          i == 39
              ? "<FieldRef field=\"p\"/>"
              : "<Apply function=\"g%d\"><FieldRef field=\"p\"/></Apply>".formatted(i + 1);
      functions.append(
          "<DefineFunction name=\"g%d\"><ParameterField name=\"p\"/><Apply function=\"+\">%s%s</Apply></DefineFunction>"
              .formatted(i, inner, inner));
    }
    String many =
        MODEL
            .replace("<DerivedField", functions + "<DerivedField")
            .replace("<Apply function=\"f\">", "<Apply function=\"g0\">");
    assertThatThrownBy(() -> PmmlRuns.load(temporary, many))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("more than 1000000 expressions");
  }

  @Test
  void aFileThatIsCutShortIsIncompleteAndDoesNotLoad() throws Exception {
    for (int length : new int[] {60, 300, MODEL.length() - 10}) {
      String part = MODEL.substring(0, length);
      Path version = Files.createTempDirectory(temporary, "cut");
      Files.writeString(version.resolve("any.xml"), part);
      try (PmmlEngine engine = new PmmlEngine()) {
        assertThat(engine.inspect(new ModelFiles(version)))
            .isInstanceOf(Inspection.Incomplete.class);
      }
      assertThatThrownBy(() -> PmmlRuns.load(version))
          .isInstanceOf(ModelLoadException.class)
          .hasMessageContaining("XML: ");
    }
  }

  @Test
  void filesAreKnownByWhatIsInThem() throws Exception {
    Path version = Files.createTempDirectory(temporary, "known");
    Files.writeString(version.resolve("any.name"), "<?xml version=\"1.0\"?>\n" + MODEL);
    Files.writeString(version.resolve("page.xml"), "<html/>");
    try (PmmlEngine engine = new PmmlEngine()) {
      assertThat(engine.inspect(new ModelFiles(version))).isInstanceOf(Inspection.Ready.class);
      Files.delete(version.resolve("any.name"));
      assertThat(engine.inspect(new ModelFiles(version))).isInstanceOf(Inspection.NotMine.class);
    }
  }

  @Test
  void changedDocumentsLoadOrAreRefused() throws Exception {
    for (long seed = 0; seed < DOCUMENTS; seed++) {
      Random random = new Random(seed);
      RandomPmml made = new RandomPmml(seed);
      String pmml = made.document();
      for (int i = 0; i < TRIES; i++) {
        StringBuilder changed = new StringBuilder(pmml);
        int at = random.nextInt(pmml.length());
        switch (random.nextInt(3)) {
          case 0 -> changed.deleteCharAt(at);
          case 1 -> changed.setCharAt(at, (char) (' ' + random.nextInt(90)));
          default -> changed.delete(at, Math.min(pmml.length(), at + random.nextInt(60)));
        }
        try (LoadedModel model = PmmlRuns.load(temporary, changed.toString())) {
          assertThat(model.signatures()).isNotEmpty();
        } catch (ModelLoadException e) {
          assertThat(e).as("seed %d", seed).hasMessageContaining("version");
        }
      }
    }
  }
}
