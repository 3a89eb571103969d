"""What the catalogue refuses."""

from huanxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


class CategoryUnknown(NotFound):
    code = "catalogue.category_unknown"
    say = "没有品类“{category_code}”。"
    do = "请从品类目录中选择。"


class WasteClassUnknown(NotFound):
    code = "catalogue.waste_class_unknown"
    say = "处理目录中没有类别“{waste_class_code}”。"
    do = "请从《废弃电器电子产品处理目录》中选择。"


class ModelUnknown(NotFound):
    code = "catalogue.model_unknown"
    say = "型号“{model_id}”没有备案。"
    do = "请先备案该型号，再备案价格。"


class GtinInvalid(Invalid):
    code = "catalogue.gtin_invalid"
    say = "商品条码“{gtin}”不正确：{reason}。"
    do = "请核对包装上的 69 码后重新填写。"


class GradeInvalid(Invalid):
    code = "catalogue.grade_invalid"
    say = "商品“{gtin}”的能效（水效）等级“{energy_grade}”不正确，应为 1 至 5 级或留空。"
    do = "请按能效标识填写。"


class ModelAlreadyFiled(Conflict):
    code = "catalogue.model_already_filed"
    say = "条码“{gtin}”已经备案，且内容与本次不同（{differs}）。"
    do = "如需更正，请联系商务部门核实后修改。"


class PriceInvalid(Invalid):
    code = "catalogue.price_invalid"
    say = "备案价格无法使用：{reason}。"
    do = "请按提示修改后重新提交。"


class PriceOverlaps(Conflict):
    code = "catalogue.price_overlaps"
    say = "该型号自 {from_on} 起的备案价与已有备案的有效期重叠。"
    do = "请查看已有备案，选择其到期之后的日期。"


class PriceNotYours(NotAllowed):
    code = "catalogue.price_not_yours"
    say = "指导价只能由生产企业为自己的型号备案。"
    do = "门店请备案本店售价。"
