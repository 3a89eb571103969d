"""Identity's refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany, Unavailable

__all__ = ["NotAllowed"]  # the kernel's, raised by this room


class DocumentInvalid(Invalid):
    code = "identity.document_invalid"
    say = "证件号码有误：{reason}。"
    do = "请对照证件逐位核对后重新填写。"


class PhoneInvalid(Invalid):
    code = "identity.phone_invalid"
    say = "手机号应为 11 位数字，以 1 开头。"
    do = "请核对后重新填写。"


class HouseholdInvalid(Invalid):
    """Not a household register's number."""

    code = "identity.household_invalid"
    say = "户号应为 6 至 20 位字母或数字。"
    do = "请对照户口簿首页的户号重新填写。"


class USCCInvalid(Invalid):
    code = "identity.uscc_invalid"
    say = "统一社会信用代码“{uscc}”校验不通过。"
    do = "请对照营业执照逐位核对，共 18 位。"


class RegionUnknown(Invalid):
    code = "identity.region_unknown"
    say = "没有代码为“{region_code}”的行政区或功能区。"
    do = "请从列表中选择所在的县（市、区）。"


class PersonAlreadyRegistered(Conflict):
    code = "identity.person_already_registered"
    say = "该证件已经登记过。"
    do = "请直接用登记时的手机号登录；如非本人操作，请拨打服务热线。"


class AccountTaken(Conflict):
    code = "identity.account_taken"
    say = "登录名“{login}”已被使用。"
    do = "请换一个登录名。"


class PhoneProofInvalid(Invalid):
    """The proof that a phone's code was right is old, or is for another phone."""

    code = "identity.phone_proof_invalid"
    say = "手机验证已过期。"
    do = "请重新获取验证码登录。"


class ConsentMissing(NotAllowed):
    """A station acts for a person only on her recorded word of the same visit."""

    code = "identity.consent_missing"
    say = "尚未记录该居民的代办同意，或同意已过期。"
    do = "请当面核对证件，征得本人同意并记录后再办理。"


class TagInvalid(Invalid):
    """A fact about a person that cannot be recorded so."""

    code = "identity.tag_invalid"
    say = "无法登记该身份信息：{reason}。"
    do = "请对照证明材料修改后重新提交。"


class RealNameMismatch(Conflict):
    code = "identity.real_name_mismatch"
    say = "姓名与证件号码不一致，实名核验未通过。"
    do = "请按证件原样填写；仍不通过可携证件到社区服务站办理。"


class SignInRefused(NotAllowed):
    code = "identity.sign_in_refused"
    say = "登录名或密码不正确。"
    do = "请核对后重试；连续输错 5 次将锁定 15 分钟。"


class SignInLocked(TooMany):
    """Too many wrong tries under this login name, or from this address."""

    code = "identity.sign_in_locked"
    say = "连续输错次数过多，已暂时锁定。"
    do = "请在 {minutes} 分钟后再试；忘记密码请联系本单位管理员重置。"


class SecondFactorNeeded(NotAllowed):
    """The password is right; the account also asks for the six digits of an authenticator."""

    code = "identity.second_factor_needed"
    say = "该账号须验证动态码。"
    do = "请同时提供验证器上的 6 位动态码，或一个恢复码。"


class SecondFactorMissing(NotAllowed):
    """The role asks for a second factor and none is bound, or a first password is still in use."""

    code = "identity.second_factor_missing"
    say = "该账号尚未完成首次登录设置。"
    do = "请先在网页登录，设置新密码并绑定验证器。"


class SecondFactorWrong(Invalid):
    code = "identity.second_factor_wrong"
    say = "动态码不正确、已过期或已用过。"
    do = "请等验证器换出新的 6 位数字后再输入；手机丢失可用恢复码。"


class SecondFactorRequired(Conflict):
    """The role asks for it, so it cannot be taken off."""

    code = "identity.second_factor_required"
    say = "您的角色必须使用动态码，不能解除绑定。"
    do = "更换手机请选择“重新绑定”。"


class TicketOver(Invalid):
    """More than five minutes between two steps of signing in."""

    code = "identity.ticket_over"
    say = "登录步骤已超时。"
    do = "请重新输入登录名和密码。"


class PasswordWeak(Invalid):
    code = "identity.password_weak"
    say = "新密码不符合要求：{reason}。"
    do = "请换一个至少 10 位、不常见且不含登录名的密码。"


class PasswordWrong(Invalid):
    code = "identity.password_wrong"
    say = "当前密码不正确。"
    do = "请重新输入；忘记密码请联系本单位管理员重置。"


class RoleNotGivable(NotAllowed):
    """A role that this administrator may not give, there or to that organisation."""

    code = "identity.role_not_givable"
    say = "您不能在该单位或地区授予“{role}”角色。"
    do = "请改选本单位可用的角色，或请上级管理员办理。"


class OwnAccount(Conflict):
    """Nobody disables or demotes herself: the last administrator would be gone."""

    code = "identity.own_account"
    say = "不能停用、重置或变更自己的账号。"
    do = "请由另一位管理员办理；修改自己的密码请到“我的账号”。"


class KeyInvalid(Invalid):
    """An API key that cannot be issued so."""

    code = "identity.key_invalid"
    say = "无法签发该密钥：{reason}。"
    do = "请修改后重新提交。"


class KeyNotLive(Conflict):
    code = "identity.key_not_live"
    say = "该密钥已停用、已到期或已被替换。"
    do = "请签发新的密钥。"


class SignInCodeTooSoon(Unavailable):
    code = "identity.sign_in_code_too_soon"
    say = "验证码刚刚发出，{wait_seconds} 秒后才能再次获取。"
    do = "请先查看手机短信。"


class SignInCodeWrong(Invalid):
    code = "identity.sign_in_code_wrong"
    say = "验证码不正确或已过期。"
    do = "请核对短信中的 6 位数字；连续输错 5 次后须重新获取。"


class SmsFailed(Unavailable):
    """A sender of ours raises it when the provider did not take a text."""

    code = "identity.sms_failed"
    say = "短信通道暂时没有接收这条短信。"
    do = "系统会稍后重试；消息仍可在“消息”页面查看。"


class SmsNotConnected(Unavailable):
    code = "identity.sms_not_connected"
    say = "短信通道尚未接入，无法发送验证码。"
    do = "请到社区服务站办理，或拨打服务热线。"


class LicenceInvalid(Invalid):
    """A paper that ends before it begins."""

    code = "identity.licence_invalid"
    say = "这份资质的有效期有误：{from_on} 起，{to_on} 就已到期。"
    do = "请对照证照原件核对起止日期后重新填写。"


class StandingReasonMissing(Invalid):
    """A change of who may take part, without a word why."""

    code = "identity.standing_reason_missing"
    say = "没有填写变更准入状态的原因。"
    do = "请写明依据，例如整改通知书文号或企业申请。"


class RestrictionInvalid(Invalid):
    """A restriction without a decision behind it, or of nobody."""

    code = "identity.restriction_invalid"
    say = "无法登记该限制：{reason}。"
    do = "请对照处理决定修改后重新提交。"


class RestrictionUnknown(NotFound):
    code = "identity.restriction_unknown"
    say = "找不到该限制记录，可能编号有误，或不在您的管辖范围内。"
    do = "请从限制名单中查找。"


class RestrictionOver(Conflict):
    """It ended, was lifted, or is not in the state the step needs."""

    code = "identity.restriction_over"
    say = "该限制现在不能办理这一步：{reason}。"
    do = "请刷新页面查看最新状态。"


class SameOfficer(NotAllowed):
    """Four eyes: restriction_confirmed_by_another, restriction_lifted_by_two."""

    code = "identity.same_officer"
    say = "这一步须由另一名工作人员办理：{reason}。"
    do = "请交由未经手该限制的工作人员办理。"


class OpeningInvalid(Invalid):
    """Hours that are none, or a closed day that is past or says no reason."""

    code = "identity.opening_invalid"
    say = "开放时间没有保存：{reason}。"
    do = "请按 24 小时制填写，开始早于结束；休息的日子两格都留空。"
